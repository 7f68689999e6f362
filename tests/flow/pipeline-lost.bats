# The pipeline when answers get lost; in a file of its own because it runs the recipes often. The case is
# in pipeline.bash.
# shellcheck disable=SC2034 # for pipeline.bash
load pipeline

@test "a changing call of cpdctl 1.x or REST whose answer is lost doubles nothing, and the next run heals" {
    recipe=mlops dialect=1.x generation=4.8
    case_lost_answers
}

@test "a changing call of cpdctl 0.4 whose answer is lost doubles nothing, and the next run heals" {
    recipe=mlops-cpd30 dialect=0.4 generation=3.0
    case_lost_answers
}
