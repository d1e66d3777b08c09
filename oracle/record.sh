#!/bin/sh
# Writes the recorded answers of the YAML corpus anew.
set -eu
cd "$(dirname "$0")"
corpus=../testdata/yaml
go run . record yaml "$corpus/cases.json" >"$corpus/cases.answers.json"
go run . record documents "$corpus/streams.json" >"$corpus/streams.answers.json"
go run . record json "$corpus/json.json" >"$corpus/json.answers.json"
