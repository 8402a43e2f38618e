"""Validates JSON on standard input against the schema in the file that the argument names. Status 1: it is not so."""

import json
import sys
from pathlib import Path

from jsonschema import FormatChecker
from jsonschema.validators import validator_for

schema = json.loads(Path(sys.argv[1]).read_text())
validator = validator_for(schema)
validator.check_schema(schema)
faults = [f"{fault.json_path}: {fault.message}" for fault in validator(schema, format_checker=FormatChecker()).iter_errors(json.load(sys.stdin))]
print("\n".join(faults))
sys.exit(1 if faults else 0)
