#!/bin/sh
# A reward program: 1 where the answer, a word or a number, stands in the response as it is.
#
#     rewards:
#       - kind: command
#         command: [sh, examples/rewards/check.sh]
#
# Reads a JSON object a line, writes one a line (docs/rewards.md, "Programs"). `response` is the last key of a request,
# so that what stands behind its name is the response alone, with JSON's escapes.
while IFS= read -r request; do
  answer=$(printf '%s\n' "$request" | sed -n 's/^{"id":[0-9]*,.*,"answer":"\([A-Za-z0-9.,-]*\)".*,"response":".*"}$/\1/p')
  response=${request#*\"response\":\"}
  score=0
  if [ -n "$answer" ]; then
    case $response in
      *"$answer"*) score=1 ;;
    esac
  fi
  echo "{\"score\": $score, \"extracted\": \"\", \"reason\": \"looked for ${answer:-nothing}\"}"
done
