# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 12. Beyond one machine
#
# After this chapter you can
#
# - **divide** a training step among processes or machines, and get the gradient that one machine would compute,
# - **lose** a worker in the middle of a run, and say what becomes of the result, and why,
# - **predict** from two measurements when more machines make a step faster, and when slower.
#
# Time: about 40 minutes, 5 more for what is under "Further", and 25 for the exercises. It builds on the training loop
# and its batches (chapter 5), and on where the time of a step goes (chapter 11). It needs Dask, a package that the rest
# of the course does not. Where it is missing, the first cell says how to install it.

# %%
import os
import time

import numpy as np

import course as tf
from course import check, datasets, distributed, experiments, plots
from course.losses import l2_loss

distributed.require_dask()  # says how to install it, where it is missing

# %% [markdown]
# ## The gradient of a mean
#
# The data and the loss are those of chapter 5, in float64, where differences are easier to see. W and b are the list
# `parameters`, because they are going to travel. `gradient_of` is the first half of `train`:

# %%
inputs, outputs = (tf.cast(part, tf.float64) for part in datasets.line(1000))
start = [np.float64(5), np.float64(0)]  # W and b


def line_loss(parameters, inputs, outputs):
    W, b = parameters
    return l2_loss(inputs * W + b, outputs)


def gradient_of(parameters, inputs, outputs):
    parameters = [tf.constant(parameter) for parameter in parameters]
    with tf.GradientTape() as tape:
        tape.watch(parameters)
        loss = line_loss(parameters, inputs, outputs)
    return np.array(tape.gradient(loss, parameters))


whole = gradient_of(start, inputs, outputs)
print("dW, db:", whole.round(4))

# %% [markdown]
# The loss is a mean over 1000 examples, and so is its gradient. Each example contributes its own part, and no part
# depends on another. So the work can be divided: cut the data into **shards**, give each to a worker with a copy of
# the model, and combine their gradients. This is **data parallelism**. With two halves:

# %%
halves = distributed.shards(1000, 2)
gradients = [gradient_of(start, inputs[rows], outputs[rows]) for rows in halves]
for rows, gradient in zip(halves, gradients):
    print(f"examples {rows.start:3} to {rows.stop - 1}: {gradient.round(4)}")
print("mean of both:       ", np.mean(gradients, axis=0).round(4))

# %% [markdown]
# The mean of the two is the gradient over all 1000.
#
# Shards are not always equal. One machine may have more memory, or one hospital more patients. Cut the same data into
# 50, 250 and 700 examples.
#
# **Predict.** And the mean of these three gradients?

# %%
first_guess = check.beyond_one_machine.mean_of_three_gradients.predict()

# %%
parts = [slice(0, 50), slice(50, 300), slice(300, 1000)]
sizes = [50, 250, 700]
gradients = [gradient_of(start, inputs[rows], outputs[rows]) for rows in parts]
plain = np.mean(gradients, axis=0)
print(f"all      {whole.round(4)}")
print(f"the mean {plain.round(4)}")
first_guess.outcome(np.allclose(plain, whole))

# %% [markdown]
# In the plain mean each shard has the same say, so an example in the shard of 50 counts 14 times as much as one in the
# shard of 700. That is the gradient of another loss, whose lowest point is elsewhere.

# %% [markdown]
# A mean may have weights. With $\nabla L_k$ for the gradient over shard $k$, and its size $N_k$ as the weight, every
# example counts the same:
#
# $$\nabla L = \frac{\sum_k N_k \nabla L_k}{\sum_k N_k}.$$

# %%
weighted = distributed.weighted_mean(gradients, sizes)
print(f"weighted {weighted.round(4)}")
print("weighted, to rounding:", np.allclose(weighted, whole, rtol=1e-12))

# %% [markdown]
# Train with both, and compare with the least-squares fit:

# %%
fit = np.polyfit(inputs.numpy(), outputs.numpy(), deg=1)
for name, weights in [("plain", [1, 1, 1]), ("weighted", sizes)]:
    parameters = np.array(start)
    for _ in range(100):
        found = [gradient_of(parameters, inputs[p], outputs[p]) for p in parts]
        parameters -= 0.1 * distributed.weighted_mean(found, weights)
    away = np.linalg.norm(parameters - fit)
    print(f"{name:8}  W = {parameters[0]:.4f}, b = {parameters[1]:.4f}, {away:.4f} off")

# %% [markdown]
# The plain mean converges, and to the wrong line. Nothing in its loss curve would tell you.
#
# ## Workers
#
# So far everything ran in this process. **Dask** runs functions elsewhere: a **worker** is a process that computes, on
# this machine or on another one; a **scheduler** decides which worker runs what; and a **client**, here in the
# notebook, asks for it. `Cluster` starts three workers on your machine, which only your machine can reach.

# %%
cluster = distributed.Cluster(workers=3)
workers = cluster.workers()  # address: id of the process
print("workers:", len(workers))
print("this process is one of them:", os.getpid() in workers.values())

# %% [markdown]
# With the address of a running Dask cluster, `Cluster(address="tcp://…:8786")`, it takes that one's workers instead,
# and the rest of this chapter stays as it is.
#
# `submit` sends a function and its arguments, and returns at once with a **future**: a promise of a result, which stays
# on the worker until somebody asks for it.

# %%
future = cluster.client.submit(os.getpid)
print("it ran on a worker:", future.result() in workers.values())

# %% [markdown]
# ## Shards that stay
#
# The data should travel once, or not at all. So let each worker load its own shard: `load(part)` runs there, and
# returns part number `part`. Here it makes the data from their seed; with a large data set it would read a file.


# %%
def load(part):
    inputs, outputs = (tf.cast(a, tf.float64) for a in datasets.line(1000))
    return inputs[parts[part]], outputs[parts[part]]


def shard_gradient(shard, parameters):
    inputs, outputs = shard
    return len(inputs), gradient_of(parameters, inputs, outputs)


shards = cluster.client.map(load, range(3))

# %% [markdown]
# `shards` is a list of three futures; the points themselves are on the workers. A future may be the argument of
# another call, which then runs where the data are. One step sends two parameters to each worker, and gets a size and
# two numbers back:

# %%
futures = cluster.client.map(shard_gradient, shards, [start] * 3)
sizes, gradients = zip(*cluster.client.gather(futures))
combined = distributed.weighted_mean(gradients, sizes)
print("sizes", sizes)
print("as on one machine, to rounding:", np.allclose(combined, whole, rtol=1e-12))

kept = sum(size * 2 * 8 for size in sizes)  # x and y, of 8 bytes
sent = 3 * 2 * 2 * 8  # to three workers and back, W and b
print(f"{kept} bytes of data stay, {sent} bytes of numbers travel")

# %% [markdown]
# The same gradient, from three processes. A million times as many points would not change what travels in a step: that
# depends on the size of the model only.
#
# ## A run on three workers
#
# `distributed.DataParallel` is these lines for any loss and any list of parameters. Its `_gradient`, in
# `course/distributed.py`, has the same tape as `gradient_of`. Calling it makes one step's work: the loss and the
# gradients over all shards. The update stays here:

# %%
step = distributed.DataParallel(cluster, line_loss, load, parts=3)


def train(step, before_epoch=lambda epoch: None):
    """W and b after 20 epochs, and the loss before each."""
    W, b = (tf.Variable(value) for value in start)
    losses = []
    for epoch in range(1, 21):
        before_epoch(epoch)
        loss, (dW, db) = step([W, b])
        W.assign_sub(0.1 * dW)
        b.assign_sub(0.1 * db)
        losses.append(loss)
    return np.array([W, b]), np.array(losses)


end, losses = train(step)
for epoch in (1, 2, 20):
    print(f"Epoch: {epoch}, Loss: {losses[epoch - 1]:.4f}")
print(f"W = {end[0]:.4f}, b = {end[1]:.4f}")

# %% [markdown]
# Compare with one machine. `alone` is a step without workers, over all points at once:


# %%
def alone(parameters):
    loss = line_loss(parameters, inputs, outputs)
    return float(loss), gradient_of(parameters, inputs, outputs)


end_alone, losses_alone = train(alone)
print("same losses to rounding:", np.allclose(losses, losses_alone, rtol=1e-12))
print("same W and b to rounding:", np.allclose(end, end_alone, rtol=1e-12))

# %% [markdown]
# Why only to rounding? Because the sums are added in another order, and the order decides the last bit:

# %%
print((0.1 + 0.2) + 0.3, 0.1 + (0.2 + 0.3))

# %% [markdown]
# Workers finish in a different order each time. If gradients were added as they arrive, two runs would differ in their
# last digits, and a bug could never be reproduced exactly. `DataParallel` adds them in the order of the shards, so two
# runs are equal to the last bit:

# %%
again, losses_again = train(step)
print("bit for bit:", np.array_equal(end, again), np.array_equal(losses, losses_again))

# %% [markdown]
# ## A worker is lost
#
# Among a thousand machines, one fails in almost every long run. Let it happen here: before epoch 10, kill the process
# of a worker, which gets no chance to say goodbye. Its shard is lost with it.
#
# **Predict.** What will the run do?

# %%
second_guess = check.beyond_one_machine.lost_worker.predict()


# %%
import psutil  # comes with Dask


def lose_a_worker(epoch):
    if epoch == 10:
        pid = next(iter(cluster.workers().values()))
        psutil.Process(pid).kill()


after_loss, losses_after = train(step, lose_a_worker)
print(f"W = {after_loss[0]:.4f}, b = {after_loss[1]:.4f}")
same = np.array_equal(end, after_loss) and np.array_equal(losses, losses_after)
print("equal to the run without a loss:", same)
second_guess.outcome(same)

# %% [markdown]
# The scheduler remembers how each result was made. When a worker disappears, it runs `load` for the lost shard on
# another one, then the gradient that was missing, and the client notices only that one step took longer. Meanwhile a
# new process takes the place of the dead one.
#
# Two things make this work. `load` gives the same shard whenever it is called; data that were sent out once, without a
# function that makes them, would be gone. And nothing that matters lived on the worker: W, b and an optimizer's state
# are here. If this process fails, the checkpoint of chapter 9 is what is left.

# %% [markdown]
# ## What a step costs
#
# Is it faster? A step has three parts. With n workers, a computation of $C$ seconds takes $C/n$. Asking and answering
# takes a time of its own however small the message is, the **latency** $L$. And the bytes take time, at a bandwidth
# (chapter 11) of $w$ bytes per second: here parameters of $B$ bytes go to n workers, and as many bytes of gradients
# come back, all through one client. Its messages are under way at the same time, so the latency counts once. Their
# bytes share one line, and add up:
#
# $$T(n) = \frac{C}{n} + L + \frac{2 n B}{w}.$$
#
# Before you measure anything:
#
# **Predict.** The tutorial's step has 1000 points. Do three workers finish it sooner than one machine?

# %%
third_guess = check.beyond_one_machine.three_workers.predict()

# %% [markdown]
# The shortest of a few times is the one that other programs disturbed the least. (The cells from here to the next
# heading print times. Those in the book are of a small machine; yours differ.)


# %% tags=["nbval-ignore-output"]
def shortest(function, repeats=8):
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        function()
        times.append(time.perf_counter() - begin)
    return min(times)


one_machine = shortest(lambda: alone(start))
three_workers = shortest(lambda: step(start))
print(f"one machine {1e3 * one_machine:.2f} ms, three workers {1e3 * three_workers:.2f} ms")
third_guess.outcome(three_workers / one_machine)

# %% [markdown]
# Much later: while one message goes there and back, one machine does a hundred steps or so.

# %% [markdown]
# Workers pay when the computation that they save is longer than what the messages add, so when $C - C/n > L + 2nB/w$.
# To see when that is, measure L and w. Take a loss that computes next to nothing, with parameters of 8 bytes and of
# several megabytes. The first time is the latency. The others are longer by the bytes over the bandwidth, a line
# through the first, and a least-squares fit of its slope gives w.


# %% tags=["nbval-ignore-output"]
def next_to_nothing(parameters, inputs, outputs):
    return tf.reduce_sum(parameters[0])


empty = distributed.DataParallel(cluster, next_to_nothing, load, parts=3)
counts = [1, 250_000, 500_000, 1_000_000]  # of numbers, 8 bytes each
travelled = np.array([3 * 2 * 8 * count for count in counts])
seconds = np.array([shortest(lambda c=c: empty([np.zeros(c)]), repeats=5) for c in counts])

more_bytes, longer = travelled - travelled[0], seconds - seconds[0]
latency = seconds[0]
bandwidth = np.sum(more_bytes**2.0) / np.sum(more_bytes * longer)
for size, measured in zip(travelled, seconds):
    fitted = latency + (size - travelled[0]) / bandwidth
    print(f"{size / 1e6:5.1f} MB {measured * 1e3:6.1f} ms, fitted {fitted * 1e3:6.1f} ms")
print(f"latency {latency * 1e3:.1f} ms, bandwidth {bandwidth / 1e6:.0f} MB per second")

# %% [markdown]
# The line misses some of the times by a third and more. Two numbers describe a message roughly: on its way the bytes
# are copied several times, some copies stay in the cache and some do not, and the workers share this machine's cores
# with everything else. So expect predictions within a factor, not within a percent.
#
# Now predict T(n), and put the measurement beside it. To know C exactly, let each worker wait, for 0.2 seconds divided
# by the number of shards, as it would for a device that computes. Waiting workers do not compete for your cores. Do so
# for parameters of 8 bytes, and of 10 megabytes.


# %% tags=["nbval-ignore-output"]
def waiting(seconds):
    def loss(parameters, inputs, outputs):
        time.sleep(seconds)
        return tf.reduce_sum(parameters[0])

    return loss


ns, predicted, measured = (1, 2, 3), {}, {}
for label, size in (("8 bytes", 8), ("10 megabytes", 10_000_000)):
    predicted[label] = [0.2 / n + latency + 2 * n * size / bandwidth for n in ns]
    measured[label] = []
    for n in ns:
        slow = distributed.DataParallel(cluster, waiting(0.2 / n), load, parts=n)
        arrays = [np.zeros(size // 8)]
        measured[label].append(shortest(lambda s=slow, a=arrays: s(a), repeats=3))
    for n, expected, found in zip(ns, predicted[label], measured[label]):
        print(f"{label:12} n = {n}: predicted {1e3 * expected:3.0f} ms,", end=" ")
        print(f"measured {1e3 * found:3.0f} ms")
plots.predicted_times(ns, predicted, measured)

# %% [markdown]
# With 8 bytes the prediction is right to within a message or two: the computation is long, the messages are short, and
# workers pay. With 10 megabytes it is right about what matters: the bytes eat a part of what the workers save, and the
# third one gains less than with 8 bytes.
#
# ## The machine in the middle
#
# More workers make the first term of the formula smaller, and the last one larger: the bytes of all of them pass
# through one machine, which is called a **parameter server** when it does only this. So there is a best number of
# workers. Where the derivative of T with respect to n is zero, $-C/n^2 + 2B/w = 0$, so $n = \sqrt{C w / 2B}$. Take a
# step of 1 second, a million parameters of 4 bytes, 10 ms of latency and a network of 1 GB per second. (At n = 1 the
# machine in the middle is the only one, and computes by itself: no message, so T is C.)

# %%
C, B, w = 1.0, 4e6, 1e9
n = np.array([1, 2, 4, 8, 11, 16, 32, 64])


def through_one(latency):
    return np.where(n == 1, C, C / n + latency + 2 * n * B / w)


print(f"the best number is near {np.sqrt(C * w / (2 * B)):.1f}")
middle = through_one(0.01)
for k in (3, 4, 7):
    print(f"n = {n[k]:2}: ideal {C / n[k]:.3f} s, through one machine {middle[k]:.3f} s")
curves = {"C/n, the ideal": C / n, "through one machine": middle}
plots.times_over_workers(n, {"Through one machine, more workers end up slower": curves})

# %% [markdown]
# At 11 workers the step is five times as fast as on one. At 64 it is slower than at 11.
#
# ## Around a ring
#
# The mean can be found without anybody in the middle. In a **ring all-reduce** each worker talks to its neighbour
# only. Cut the gradient into n chunks. In the first round, each passes a chunk on, and the neighbour adds its own part
# to it; after n − 1 messages, every worker has one chunk that is complete. In the second round the complete chunks
# travel on around the ring. Here it is, with a count of what each worker sends:


# %%
def ring_all_reduce(gradients):
    """The sum of the gradients, at each worker, and how many numbers each sent."""
    n = len(gradients)
    chunks = [np.array_split(np.array(g), n) for g in gradients]  # [worker][chunk]
    sent = [0] * n
    for message in range(2 * (n - 1)):
        moving = [(worker - message) % n for worker in range(n)]
        data_sent = [chunks[k][moving[k]].copy() for k in range(n)]
        for worker in range(n):
            chunk, neighbour = moving[worker], (worker + 1) % n
            if message < n - 1:
                chunks[neighbour][chunk] += data_sent[worker]
            else:
                chunks[neighbour][chunk] = data_sent[worker]
            sent[worker] += data_sent[worker].size
    return [np.concatenate(parts) for parts in chunks], sent


# %% [markdown]
# In the second round the index goes on where the first round ended: the chunk that a worker completed is the one it
# passes on next. Try it with four workers and a gradient of 1000 numbers:

# %%
some_gradients = np.random.default_rng(0).normal(size=(4, 1000))
results, sent = ring_all_reduce(some_gradients)
correct = [np.allclose(result, some_gradients.sum(axis=0)) for result in results]
print("every worker has the sum:", all(correct))
print("numbers sent by each:", sent)

# %% [markdown]
# Each sends 1500 numbers, one and a half gradients. In general it is $\frac{2(n-1)}{n} B$ bytes, which stays below
# $2B$ however many workers there are, while the one in the middle handles $2nB$. Every worker then makes the same
# update on its own copy of the model, and nobody in the middle is needed. What grows is the number of messages, one
# after the other, so latency counts 2(n − 1) times:
#
# $$T(n) = \frac{C}{n} + 2(n - 1)\left(L + \frac{B}{n w}\right).$$
#
# Is it faster? Compare both under the same conditions: the same step and the same network, once with a latency of 10
# ms, as between distant machines, and once with 0.1 ms, as within one room.


# %%
def around_a_ring(latency):
    return C / n + 2 * (n - 1) * (latency + B / n / w)


panels = {}
for latency in (0.01, 0.0001):
    curves = {"C/n, the ideal": C / n}
    curves["through one machine"] = through_one(latency)
    curves["around a ring"] = around_a_ring(latency)
    panels[f"Latency {1e3 * latency:g} ms, for both"] = curves
    for k in (4, 7):
        middle, ring = through_one(latency)[k], around_a_ring(latency)[k]
        print(f"{1e3 * latency:4g} ms, n = {n[k]:2}: ", end="")
        print(f"through one machine {middle:.3f} s, ring {ring:.3f} s")
plots.times_over_workers(n, panels)

# %% [markdown]
# At 10 ms the ring loses: its messages wait for each other, and 20 of them at n = 11 are 0.2 seconds of latency alone.
# At 0.1 ms it wins, since no machine has to handle everybody's bytes, and it goes on winning as workers are added. So
# large models on near machines go around rings.
#
# Between the two latencies the curves change places. In the experiment, pull the ring's right end down, or move the
# latency, which counts for both. At which latency are both ways equally fast with 16 workers?

# %%
experiments.StepTime()

# %% [markdown]
# At 4.2 ms, 16 workers take the same time both ways. Set the two formulas equal: that latency is $B/w$ times a number
# which depends on n only, and is near 1 where n is large. So a network ten times as fast lowers it to 0.42 ms. It helps
# the machine in the middle more, which has all the bytes to move, and leaves the ring with its many messages.

# %% [markdown]
# ## Without waiting
#
# A step in which all workers answer before the update is **synchronous**, and as slow as the slowest of them. In
# **asynchronous** training, a worker's gradient is applied as soon as it arrives. No one waits, but by then others
# have moved the parameters: the gradient is **stale**. What does that do? Compute each gradient at the parameters of
# some steps ago.
#
# **Predict.** A learning rate of 0.4 converges quickly when gradients are fresh. With gradients four steps old?

# %%
fourth_guess = check.beyond_one_machine.stale_gradients.predict()


# %%
def stale_run(learning_rate, delay, num_steps=60):
    history = [np.array(start)]
    for _ in range(num_steps):
        old = history[max(0, len(history) - 1 - delay)]
        gradient = gradient_of(old, inputs, outputs)
        history.append(history[-1] - learning_rate * gradient)
    return np.linalg.norm(history[-1] - fit)


for learning_rate, delay in [(0.4, 0), (0.4, 4), (0.1, 4)]:
    away = stale_run(learning_rate, delay)
    print(f"learning rate {learning_rate}, {delay} steps old: {away:.4f} from the fit")
fourth_guess.outcome(stale_run(0.4, 4))

# %% [markdown]
# A stale gradient points where the model was, and steps overshoot: the distance grows in swings, without bound. At a
# rate of 0.1 it converges.

# %% [markdown]
# Chapter 5 found the limit of the learning rate for fresh gradients, $2/\lambda$ along an axis of curvature $\lambda$.
# For gradients that are $\tau$ steps old it is
#
# $$\eta < \frac{2}{\lambda}\,\sin\!\left(\frac{\pi}{2\,(2\tau + 1)}\right),$$
#
# which for $\tau = 0$ is chapter 5's, since the sine of π/2 is 1. "Further", below, derives it. Test it on both sides,
# with the sharpest axis, after 1000 steps from the start, which is 2.8 from the fit:

# %%
x = inputs.numpy()
hessian = 2 * np.array([[np.mean(x * x), np.mean(x)], [np.mean(x), 1.0]])  # of the L2 loss
sharpest = np.linalg.eigvalsh(hessian)[-1]


def told(away):
    return f"{away:.4f} from the fit" if away < 1000 else "more than 1000 from the fit"


for delay in (0, 4):
    limit = 2 / sharpest * np.sin(np.pi / (2 * (2 * delay + 1)))
    below = stale_run(0.95 * limit, delay, num_steps=1000)
    above = stale_run(1.05 * limit, delay, num_steps=1000)
    print(f"{delay} steps old, limit {limit:.3f}: 5 % below it {told(below)},", end=" ")
    print(f"5 % above it {told(above)}")

# %% [markdown]
# Four steps of age cost a factor of nearly six in the learning rate, and the time that nobody waited is lost again in
# more steps. It also makes no two runs alike. This is why most large models are trained synchronously.
#
# ## A model that fits on no machine
#
# Data parallelism keeps a copy of the whole model on each worker. The largest models do not fit: their parameters, the
# gradients and an optimizer's two moments (chapter 6) are four times as many numbers. They are cut, too:
#
# - **Sharded data parallelism**: each worker keeps one n-th of the parameters, gradients and moments. Before a layer
#   computes, its parts are collected from all, and dropped again afterwards. The work is divided as in this chapter,
#   and more bytes travel: half as many again as in a ring.
# - **Tensor parallelism**: a kernel is cut into columns, each worker multiplies by its own, and the results are put
#   together, in every layer. That takes fast connections, as between the devices of one machine.
# - **Pipeline parallelism**: each worker has some of the layers, and hands its results on to the next. So that not all
#   but one are idle, the batch is cut, and its parts follow one another as in a factory.
#
# Large runs do all three at once, and data parallelism around them.
#
# Three more things that large runs do, also where the model fits:
#
# - **Larger batches.** If each worker keeps its batch, n workers make a batch n times as large. Its gradient has less
#   noise (chapter 5), so the learning rate can grow with n, as long as it stays below the limit of the curvature; a
#   warm-up (chapter 6) helps over the first steps. Beyond some batch size, more examples per step no longer save steps.
# - **Gradient compression.** Fewer bytes: float16 in place of float32, or only the largest numbers, where the rest is
#   kept and added to the next gradient.
# - **Overlap.** The last layer's gradients are complete first, and can travel while the walk back is still at work on
#   the layers before.
#
# The workers are no longer needed. `close` ends them. In a script, `with distributed.Cluster(workers=3) as cluster:`
# does this by itself, also after an error.

# %%
workers = cluster.workers()
cluster.close()
print("still running:", sum(psutil.pid_exists(pid) for pid in workers.values()))

# %% [markdown]
# ## In other frameworks
#
# In PyTorch every worker runs the whole program, and a wrapper makes each `backward` end with an all-reduce:
#
# ```python
# torch.distributed.init_process_group("nccl")
# model = torch.nn.parallel.DistributedDataParallel(model)
# ```
#
# In TensorFlow a strategy makes the variables, one copy for each device, and adds up their gradients:
#
# ```python
# strategy = tf.distribute.MirroredStrategy()
# with strategy.scope():
#     model = make_model()
#     model.compile(optimizer, loss)
# ```
#
# In JAX the data are placed on several devices, and the compiler inserts the sums:
#
# ```python
# mesh = jax.make_mesh((8,), ("examples",))
# sharding = NamedSharding(mesh, PartitionSpec("examples"))
# inputs = jax.device_put(inputs, sharding)
# ```
#
# PyTorch's wrapper takes the plain mean over the workers. With batches of unequal size, the mistake from the beginning
# of this chapter is yours to avoid.

# %% [markdown]
# ## Summary
#
# - The gradient of a mean is the mean of the shards' gradients, weighted by their sizes. The data stay where they are,
#   and only parameters and gradients travel.
# - Shards that a function can load again, and sums in a fixed order, make a run repeatable to the last bit, even when
#   workers are lost.
# - A step takes C/n for the computation, plus latency, plus bytes over bandwidth. Workers pay when the step is long and
#   the model is small, and a ring removes the bottleneck in the middle.
#
# This is the last chapter. You wrote a tape, a training loop, optimizers and layers, and divided the work among
# machines. What the large frameworks add to this is speed and convenience, and you can now read them.

# %% [markdown]
# ## Further
#
# ### Where the limit for stale gradients comes from
#
# Along an axis of curvature $\lambda$ let $d_t$ be the distance from the lowest point after $t$ steps. A gradient of
# $\tau$ steps ago is $\lambda d_{t-\tau}$, so a step is
#
# $$d_{t+1} = d_t - \eta\lambda\, d_{t-\tau}.$$
#
# Try $d_t = z^t$, where each step multiplies by the same number $z$, and divide by $z^{t-\tau}$:
#
# $$z^{\tau+1} = z^{\tau} - \eta\lambda .$$
#
# A swing is a **complex** $z$: each step turns it by an angle $\varphi$, and makes it longer or shorter. At the limit
# it does neither, so $z = e^{i\varphi}$, a point on the circle of radius 1. Then
#
# $$-\eta\lambda = e^{i\varphi(\tau+1)} - e^{i\varphi\tau}
# = e^{i\varphi(\tau + 1/2)}\left(e^{i\varphi/2} - e^{-i\varphi/2}\right)
# = e^{i\varphi(\tau + 1/2)} \cdot 2i \sin(\varphi/2).$$
#
# Both sides have to be of the same length, so $\eta\lambda = 2\sin(\varphi/2)$, and of the same direction: the left is
# negative, which is a half turn, $\pi$; the $i$ on the right is a quarter turn, $\pi/2$. So
# $\varphi(\tau + 1/2) = \pi/2$, which is $\varphi = \pi/(2\tau+1)$, and together
#
# $$\eta\lambda = 2 \sin\!\left(\frac{\pi}{2(2\tau+1)}\right).$$
#
# The angle also says how slowly it swings: with $\tau = 4$ a step turns by a ninth of a half turn, so a swing takes 18
# steps.

# %% [markdown]
# ## Exercises
#
# Complete each cell, run it, and run the check below it. `.hint()` in place of the call gives a hint.

# %% [markdown]
# **1. The mean of means.** Given a list of the shards' gradients, each the gradient of a mean over its shard, and the
# list of the shards' sizes, return the gradient of the mean over all examples.


# %%
def mean_gradient(gradients, sizes):
    total = 0.0
    for gradient, size in zip(gradients, sizes):
        total = total + ...
    return total / ...


# %%
check.beyond_one_machine.mean_gradient(mean_gradient)

# %% [markdown]
# **2. How many workers?** Given a step's computation in seconds, the latency in seconds, the size of the parameters in
# bytes and the bandwidth in bytes per second, return the number of workers, from 1 to 100, with the shortest step when
# all messages pass through one machine. A single worker is that machine itself, so it needs no messages.


# %%
def best_workers(compute, latency, size, bandwidth):
    def step_time(n):
        if n == 1:
            return compute
        return ...

    return min(range(1, 101), key=step_time)


# %%
check.beyond_one_machine.best_workers(best_workers)

# %% [markdown]
# **3. Around the ring.** How many bytes does each of n workers send in a ring all-reduce of a gradient of `size` bytes?


# %%
def ring_bytes(n, size):
    chunk = ...
    return ...


# %%
check.beyond_one_machine.ring_bytes(ring_bytes)

# %% [markdown]
# **4. Half the bytes.** As float16, gradients need half the bytes of float32, and keep three digits. What is smaller
# than $6 \cdot 10^{-8}$ becomes zero or nearly so, in each step again, however many steps there are. So let the worker
# keep what the rounding took away, the rest, and add it to its next gradient. Complete what is sent, and the new rest.
# Then train the line with plain float16 gradients, and with the rest, on the three shards of the chapter: how far from
# the chapter's W and b do they end after 20 epochs?


# %%
def send(gradient, rest):
    wanted = ...
    message = wanted.astype(np.float16)
    return message, ...


# %%
check.beyond_one_machine.send(send)
