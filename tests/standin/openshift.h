#ifndef STANDIN_OPENSHIFT_H
#define STANDIN_OPENSHIFT_H
/*
 * The cluster below Cloud Pak for Data, as far as `oc` of these tests goes: projects, templates, and
 * what a template makes. A deployment config starts a pod, whose image is pulled and whose container
 * becomes ready; a route is admitted a little after it was made.
 *
 * Scenario: outcomes.pod {"state": "ImagePullBackOff" | "CrashLoopBackOff", "message"},
 * durations.pod and durations.route, faults by the words of the command ("oc get pods").
 */
#include "answer.h"

/* One call of oc: {"argv": […], "stdin": "…", "user": "…"} gives {"exit", "stdout", "stderr"}. */
void openshift_answer(struct world *world, const struct request *request, struct answer *answer);

#endif
