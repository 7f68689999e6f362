# cpdctl's commands: the file of facts, and the test of the script that makes it.
load common

@test "the catalogue is what the references give" {
    outside data/cpdctl
    node "$top/tests/tools/catalogue.mjs" "$top/../shared" >made
    cmp made "$top/src/recipe/cpdctl.catalogue"
}
