from hypothesis import settings

# The same examples in every run, and no time limit that a busy machine could miss.
settings.register_profile("course", deadline=None, derandomize=True)
settings.load_profile("course")
