/*
 * What cpdflow has to know of the Jenkins that may have started it.
 *
 * A pipeline's `sh` step runs its script by a shell. When the build is aborted that shell gets the signal that we get, and
 * unless cpdflow took its place (`exec cpdflow …`) it dies at once: Jenkins takes the step for ended while cleanup still runs.
 */
#ifndef CLI_JENKINS_H
#define CLI_JENKINS_H

/* Warns when a shell that belongs to the same step of a pipeline waits for us and would die of a SIGTERM. */
void jenkins_warn_of_shell(void);

#endif
