"""Predictions of chapter 12."""

from course.check.prediction import Question, below, yes_or_no

mean_of_three_gradients = Question(
    "Is the mean of the three gradients the gradient over all examples, too?",
    {
        "yes": "So it would be for shards of equal size. Here an example in the smallest one counts 14 times as much.",
        "nearly, up to rounding": "The difference is not rounding: the plain mean gives each shard the same say, "
        "whatever its size.",
        "no": "",
    },
    means=yes_or_no("yes", "no"),
)

lost_worker = Question(
    "What will the run do after the loss of a worker?",
    {
        "stops with an error": "The shard is lost, but not the function that makes it: another worker runs it "
        "again, and then what was missing.",
        "ends near the same W and b": "Lost work is not skipped but done again, from the same numbers and in the "
        "same order.",
        "ends as before, bit for bit": "",
    },
    means=yes_or_no("ends as before, bit for bit", "ends near the same W and b"),
)

three_workers = Question(
    "A step has 1000 points. Do three workers finish it sooner than one machine?",
    {
        "sooner": "A third of the work takes a third of the time, but here the work is short beside one message.",
        "about the same": "The messages cost more than what is won: one of them takes longer than ten steps.",
        "later": "",
    },
    means=below((0.8, "sooner"), (1.25, "about the same"), beyond="later"),
)

stale_gradients = Question(
    "A learning rate of 0.4 converges quickly when gradients are fresh. And with gradients four steps old?",
    {
        "converges as quickly": "Old gradients point to where the lowest point lay four steps ago, which has "
        "been passed by now.",
        "converges more slowly": "At a small rate it would. At this one each correction comes too late, and the "
        "swings grow.",
        "diverges": "",
    },
    means=below((0.01, "converges as quickly"), (10, "converges more slowly"), beyond="diverges"),
)
