#!/bin/sh
# A few seconds of fuzzing for each parser; `make fuzz` does it for longer.
exec tests/fuzz/run "${FUZZ_SECONDS:-5}"
