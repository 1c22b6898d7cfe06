"""What the chapters ask before a result, one file a chapter; `course/check/prediction.py` says how."""
