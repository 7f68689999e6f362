#!/usr/bin/env bats
# The HTML report as its readers see it: served with the header of Jenkins' HTML Publisher to headless Chromium.

bats_require_minimum_version 1.5.0
load common

# Something of everything: retries, a wait with states, a foreach, metrics on both sides, a tolerated failure, hostile texts.
recipe() {
    cat >flow.yaml <<'YAML'
cpdflow: 1
name: "]]><script>alert(1)</script>"
inputs:
  who: {type: string, default: "'\"><img src=x onerror=alert(1)> javascript:alert(1)"}
steps:
- id: shaky
  name: "</summary></details><style>*{display:none}</style> \u202Eevil"
  reads: true
  retry: {attempts: 3, delay: 10ms}
  cmd: [sh, -c, "[ -e again ] || { touch again; echo '503 Service Unavailable' >&2; exit 1; }; echo \"$1\"", sh, "${{ inputs.who }}"]
- id: each
  foreach: "${{ ['a b', '<i>', '%2e%2e/x'] }}"
  cmd: [echo, "${{ item }}"]
- id: job
  cmd: [sh, -c, "if [ -e seen ]; then echo '{\"s\": \"<b>done</b>\"}'; else touch seen; echo '{\"s\": \"queued &amp; waiting\"}'; fi"]
  output: json
  wait: {until: "s == '<b>done</b>'", every: 20ms, timeout: 10s}
- id: quality
  set: {accuracy: "`0.71`", loss: "`0.3`"}
  metrics:
    accuracy: {value: accuracy, lower_limit: 0.8}
    "loss \"<x>\"": {value: loss, upper_limit: 0.5, unit: nats}
- id: soft
  continue_on_error: true
  cmd: [sh, -c, "echo 'no such thing' >&2; exit 4"]
- id: broken
  name: Publish
  cmd: [sh, -c, "printf 'a\\033[31m\\010 </pre><script>alert(2)</script> ]]>\\n' >&2; exit 7"]
- id: long
  if: always()
  cmd: [sh, -c, "head -c 50000 /dev/zero | tr '\\0' x"]
- id: hostile_result
  if: always()
  cmd: [bash, -c, "while read -r id text; do printf '%b\\n' \"$text\"; done <\"$1\"", bash, HOSTILE]
  output: text
  outputs: {all: "@"}
- id: hostile_failure
  if: always()
  cmd: [bash, -c, "exec >&2; while read -r id text; do printf '%b\\n' \"$text\"; done <\"$1\"; exit 9", bash, HOSTILE]
- id: never
  cmd: [echo, never]
finally:
- id: bye
  cmd: [echo, bye]
YAML
    sed -i "s|HOSTILE|'$top/tests/data/hostile/strings.txt'|" flow.yaml
}

# usage: look DIR [OPTION...]   the page's own test; skipped where there is no browser
look() {
    [ -d "$top/tests/tools/node_modules/playwright-core" ] || skip "npm's playwright-core is not installed"
    run node "$top/tests/tools/page.mjs" "$@"
    [ "$status" -ne 77 ] || skip "no Chromium here"
}

@test "the policy of Jenkins, axe and every link find nothing to say, whatever children print" {
    recipe
    run -1 "$CPDFLOW" run flow.yaml --report html=report
    # What is published is the folder alone.
    mv report published
    rm -rf .cpdflow
    look published
    is 0 "$status"
    says 'pages 1 ' 'violations 0 axe 0 dead 0'
    # Only of what the page does not show whole there is a copy.
    is 50000 "$(cat published/logs/*-long.1.stdout.txt | wc -c)"
    ! ls published/logs/*-bye.* || false
}

@test "nothing in it needs a script, an inline style or another host" {
    recipe
    run -1 "$CPDFLOW" run flow.yaml --report html=report
    ! grep -nE '<script|<style|<object|<iframe|<form|<[^>]* (style|on[a-z]+)=|<[^>]* (href|src)="(data|javascript|https?|/)' report/*.html report/*.svg ||
        false
    ! grep -n $'[\001-\010\013\014\016-\037]' report/*.html report/*.svg || false
    xmllint --noout report/*.svg
    grep -q 'What failed' report/index.html
    grep -q '&lt;/pre&gt;&lt;script&gt;alert(2)' report/index.html
}

@test "the test itself sees a page that breaks the rules" {
    mkdir bad
    cat >bad/index.html <<'HTML'
<!DOCTYPE html><html lang="en"><head><title>x</title><style>p { color: red }</style></head>
<body><main><h1>x</h1><p style="color: #eee">x</p><img src="no.svg"><a href="gone.html">x</a></main></body></html>
HTML
    look bad
    is 1 "$status"
    says 'style-src-elem' 'style-src-attr' 'axe: index.html (light): image-alt' 'dead: index.html: gone.html'
}

@test "many steps stand on pages of 500, and the first opens at once" {
    cat >flow.yaml <<YAML
cpdflow: 1
name: many
steps:
- id: many
  foreach: [$(seq -s, 700)]
  set: {n: item}
YAML
    "$CPDFLOW" run -q flow.yaml --report html=report
    [ -f report/steps-2.html ] && [ ! -f report/steps-3.html ]
    is 701 "$(cat report/*.html | grep -c '<details')"
    look report --no-axe
    is 0 "$status"
    says 'pages 2 ' 'violations 0 axe 0 dead 0'
    [ "$(sed -n 's/.*open_ms //p' <<<"$output")" -lt 5000 ]
}

@test "printed, every sheet is full and a picture stands below its heading" {
    cat >flow.yaml <<'YAML'
cpdflow: 1
name: tall
steps:
- id: each
  foreach: "${{ [`1`, `2`, `3`, `4`, `5`, `6`, `7`, `8`, `9`, `10`, `11`, `12`] }}"
  cmd: [seq, "45"]
- {id: last, cmd: [echo, x]}
YAML
    "$CPDFLOW" run flow.yaml -q --report html=report
    look report --paper --no-axe
    is 0 "$status"
    read -r _ sheets _ full <<<"${lines[0]}"
    is "$full" "$sheets"
}

@test "what has no room in a picture is told below it, with a way to it" {
    {
        printf 'cpdflow: 1\nname: many\nsteps:\n'
        printf -- '- {id: s%d, cmd: ["true"]}\n' $(seq 600)
    } >flow.yaml
    "$CPDFLOW" run flow.yaml -q --report html=report
    run -0 grep 'left-out' report/index.html
    says 'Not drawn: 400 steps that succeeded, waited for nothing and took less time, from <a href="' \
        'Not drawn: 450 steps, from <a href="#s150"><code>s151</code></a> on. All 600 stand among the steps.'
    look report --no-axe
    is 0 "$status"
    says 'dead 0'
}
