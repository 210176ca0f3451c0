"""Answers calls from stdin, one JSON object a line, with one JSON object a line."""

import json
import sys


def failure(error):
    classes = [each.__name__ for each in type(error).__mro__ if each is not object]
    return {"classes": classes, "message": str(error), "errorMessages": getattr(error, "error_messages", [])}


def serve(answer):
    for line in sys.stdin:
        try:
            outcome = answer(json.loads(line))
        except Exception as error:  # every error is an outcome to compare
            outcome = {"error": failure(error)}
        print(json.dumps(outcome), flush=True)
