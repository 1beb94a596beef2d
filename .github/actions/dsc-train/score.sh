#!/usr/bin/env bash
# Looks at corpora and scores, as the inputs of the action say (INSPECT, PRED, ...). The summary goes to the page of the job, the scores to
# its outputs, before the exit code says whether a floor was missed.
set -euo pipefail

summary=$RUNNER_TEMP/dsc-train-summary.md
result=$RUNNER_TEMP/dsc-train-result.json
: > "$summary"
code=0

# Lines of a text as arguments, blank ones left out.
lines() {
  local line
  args=()
  while IFS= read -r line || [ -n "$line" ]; do
    line=${line%$'\r'}
    if [ -n "${line//[[:space:]]/}" ]; then args+=("$line"); fi
  done <<< "$1"
}

# One worst exit code of all: a mistake (1) or a bug before a missed floor (2).
worse() {
  if [ "$code" -eq 0 ] || { [ "$code" -eq 2 ] && [ "$1" -ne 0 ]; }; then code=$1; fi
}

lines "${INSPECT:-}"
if [ "${#args[@]}" -gt 0 ]; then
  files=()
  for pattern in "${args[@]}"; do
    while IFS= read -r file; do files+=("$file"); done < <(compgen -G "$pattern" || printf '%s\n' "$pattern")
  done
  strict=()
  if [ -n "${INSPECT_STRICT:-}" ]; then strict=("--strict=$INSPECT_STRICT"); fi
  card=$RUNNER_TEMP/dsc-train-card.txt
  status=0
  dsc-train inspect ${strict[@]+"${strict[@]}"} -- "${files[@]}" > "$card" || status=$?
  worse "$status"
  cat "$card"
  {
    printf '\n## dsc-train inspect\n\n%s\n\n' "$(head -n 1 "$card")"
    printf '<details><summary>The card</summary>\n\n````text\n'
    cat "$card"
    printf '````\n\n</details>\n'
  } >> "$summary"
fi

if [ -n "${PRED:-}${RUN:-}" ]; then
  set -- --json --summary "$summary"
  if [ -n "${PRED:-}" ]; then set -- "$@" --pred "$PRED"; fi
  if [ -n "${GOLD:-}" ]; then set -- "$@" --gold "$GOLD"; fi
  if [ -n "${FAIL_UNDER:-}" ]; then set -- "$@" --fail-under "$FAIL_UNDER"; fi
  if [ -n "${BASELINE:-}" ]; then set -- "$@" --baseline "$BASELINE"; fi
  lines "${ARGUMENTS:-}"
  set -- "$@" ${args[@]+"${args[@]}"}
  if [ -n "${RUN:-}" ]; then set -- "$@" -- "$RUN" ${FILE:+"$FILE"}; fi
  status=0
  dsc-train evaluate "$@" > "$result" || status=$?
  worse "$status"
  if [ -s "$result" ]; then
    # shellcheck disable=SC2016 # the braces are those of JavaScript
    node -e '
      const { report } = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
      const told = { "micro-f1": report.entities?.micro.f1, "macro-f1": report.entities?.macro.f1, accuracy: report.accuracy };
      for (const [name, value] of Object.entries(told)) console.log(`${name}=${value ?? ""}`);
      console.log(`result=${process.argv[1]}`);
    ' "$result" >> "$GITHUB_OUTPUT"
  fi
fi

echo "summary=$summary" >> "$GITHUB_OUTPUT"
if [ -s "$summary" ]; then cat "$summary" >> "$GITHUB_STEP_SUMMARY"; fi
exit "$code"
