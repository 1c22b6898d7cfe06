"""What the course knows about its exercises, one file a chapter. `course.check` is the way in; `base.py` says how."""
