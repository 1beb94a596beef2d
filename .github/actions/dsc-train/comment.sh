#!/usr/bin/env bash
# Puts the summary into a comment of the pull request: that of an earlier run of the same key is replaced.
set -euo pipefail

marker="<!-- dsc-train: ${KEY//-->/} -->"
body=$RUNNER_TEMP/dsc-train-comment.md
{
  printf '%s\n' "$marker"
  head -c 60000 "$SUMMARY" # a comment holds 65,536 characters
} > "$body"

comments=repos/$GITHUB_REPOSITORY/issues
MARKER=$marker
export MARKER
id=$(gh api --paginate "$comments/$PULL_REQUEST/comments" --jq '.[] | select(.body | startswith(env.MARKER)) | .id' | head -n 1)
if [ -n "$id" ]; then
  gh api --method PATCH "$comments/comments/$id" --field "body=@$body" > /dev/null
else
  gh api --method POST "$comments/$PULL_REQUEST/comments" --field "body=@$body" > /dev/null
fi
