# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 4. Data synthesis
#
# After this chapter you can
#
# - **synthesize** data whose truth you chose, and repeat it exactly from a seed;
# - **say** how low a loss can go on new data, and recognize one that is too good to be true;
# - **predict** how close to the truth a fit comes, from the number of examples and the noise.
#
# Time: about 35 minutes. It builds on chapter 3, the model and its loss; one cell uses the tape of chapter 2.

# %%
import numpy as np

import course as tf
from course import check, datasets, experiments, plots

# %% [markdown]
# ## Data whose truth is known
#
# In chapter 5 you will train the model of chapter 3 to recover a line from examples. How will you know that the
# training works? With measured data you could not be sure: nobody knows the true line behind them. So start with
# **synthetic data**, made by a program from a rule that you choose. The rule is the truth, and you can compare with
# it whatever the model finds.
#
# The rule here is output = input · 3 + 2, so the model should find W = 3 and b = 2. Draw 1000 inputs from the
# **standard normal distribution**, which has mean 0 and **standard deviation** 1: about two thirds of its values lie
# within one standard deviation of the mean.

# %%
true_W, true_b = 3.0, 2.0
num_examples = 1000

tf.random.set_seed(0)
inputs = tf.random.normal([num_examples])

print("shape", inputs.shape, "dtype", inputs.dtype)
print(f"mean {np.mean(inputs):.3f}, standard deviation {np.std(inputs):.3f}")
print(f"within 1 of the mean: {np.mean(np.abs(inputs.numpy()) < 1):.1%}")

# %% [markdown]
# The mean is near 0 and the standard deviation near 1, but neither is exact: 1000 draws are a sample.
#
# Measurements never lie exactly on a line. Whatever the input does not explain is called **noise**: imperfect
# instruments, and many small influences that nobody recorded. A sum of many small independent influences is close to
# normally distributed, whatever each one looks like. So the usual model of noise is a normal distribution too, called
# **Gaussian noise**. The next cell adds it to the line and looks at the first three examples.

# %%
noise = tf.random.normal([num_examples])
outputs = inputs * true_W + true_b + noise

print("  input  on the line   noise  output")
for i in range(3):
    on_the_line = inputs[i] * true_W + true_b
    print(f"{inputs[i]:7.3f}  {on_the_line:11.3f} {noise[i]:7.3f} {outputs[i]:7.3f}")

# %% [markdown]
# The model will be given the first and the last column only. The two in between are what you know and it does not:
# where the line is, and which part of each output is noise.
#
# ## Before training
#
# The model of chapter 3 starts at W = 5 and b = 0. Here it is again, with its loss, and a check that f(3) = 15.


# %%
class Model(tf.Module):
    def __init__(self, W=5.0, b=0.0):
        super().__init__()
        self.W = tf.Variable(W, name="W")
        self.b = tf.Variable(b, name="b")

    def __call__(self, inputs):
        return inputs * self.W + self.b


def l2_loss(predictions, outputs):
    return tf.reduce_mean(tf.square(predictions - outputs))


model = Model()
print(f"f(3) = {model(3.0):.1f}")

# %% [markdown]
# Look at the data before you train on them, every time. The figure shows the data in blue, what the untrained model
# predicts for the same inputs in red, and the truth dashed.
#
# **Predict.** The red line is steeper than the dashed one. At which input do the two cross?

# %%
predictions = model(inputs)
crossing = (true_b - model.b) / (model.W - true_W)

fig = plots.clouds(
    {"Untrained, the model misses the data": (inputs, outputs, predictions)},
    true_W,
    true_b,
)
plots.show(
    fig,
    "A cloud of 1000 blue points rises around a dashed line of slope 3. The red "
    "predictions of the untrained model lie on a steeper line that crosses the dashed "
    "one at input 1: too low to the left of it, too high to the right.",
)
print(f"inputs from {np.min(inputs):.2f} to {np.max(inputs):.2f}")
print(f"the lines cross at input {crossing:.1f}")

# %% [markdown]
# They cross where 5x = 3x + 2, at x = 1. To the left the model predicts too little, to the right too much.
#
# How bad is that, as a number? And what would the loss be if training succeeded, with the model exactly at the truth?
# With synthetic data you can ask this before you train.
#
# **Predict.** With W = 3 and b = 2, is the loss 0, near 0.1, or near 1?

# %%
guess = check.predict("loss at W = 3, b = 2", ["0", "near 0.1", "near 1"])

# %%
on_the_line = inputs * true_W + true_b

print(f"loss before training {l2_loss(predictions, outputs):.4f}")
print(f"loss at the truth    {l2_loss(on_the_line, outputs):.4f}")
guess.outcome(f"{l2_loss(on_the_line, outputs):.4f}")

# %% [markdown]
# A model that knows the truth still has a loss of about 1. It predicts the line, and the data are not on the line.
#
# In the loss of any model, the model's part and the noise's part can be told apart. The output is the truth plus
# noise, so the residual, prediction − output, is (prediction − truth) − noise: the model's own error, less the noise.
# Squaring it gives both squares and twice their product, so the loss has three parts.

# %%
error = predictions - on_the_line
parts = [
    tf.reduce_mean(tf.square(error)),
    tf.reduce_mean(tf.square(noise)),
    tf.reduce_mean(-2 * error * noise),
]
print(f"the model's error {parts[0]:.4f}")
print(f"the noise         {parts[1]:.4f}")
print(f"their product     {parts[2]:.4f}")
print(f"sum               {sum(parts):.4f}")

# %% [markdown]
# The sum is the loss before training. Its first part is what training can remove, by moving W and b. Its second part
# does not contain the model at all. Its third part is small: a model that has not seen this noise errs as often with
# it as against it, and over ever more examples the mean goes to zero.
#
# ## The noise floor
#
# The mean square of the noise is what remains of the loss when the model is perfect. For noise with mean 0 and
# standard deviation σ it is, over ever more examples, the **variance** σ². On data that it has not seen, no model
# gets below σ² on average: the first part of its loss is a mean of squares and cannot be negative, and the third is
# zero on average. This limit is the **noise floor**.
#
# So far σ was 1. Put the steps together in a function with σ as a parameter. Like `tf.random.normal` it takes a
# shape: `[1000]` for one data set of 1000 points.


# %%
def synthesize(shape, stddev=1.0):
    inputs = tf.random.normal(shape)
    noise = tf.random.normal(shape, stddev=stddev)
    return inputs, inputs * true_W + true_b + noise


# %% [markdown]
# **Predict.** You double σ from 1 to 2. What happens to the loss at the truth?

# %%
truth = Model(true_W, true_b)

tf.random.set_seed(2)
print("  σ     σ²  loss at the truth")
for stddev in (0.5, 1.0, 2.0, 4.0):
    some_inputs, some_outputs = synthesize([10_000], stddev)
    at_the_truth = l2_loss(truth(some_inputs), some_outputs)
    print(f"{stddev:3}  {stddev**2:5}  {at_the_truth:17.3f}")

# %% [markdown]
# Twice the noise gives four times the loss. The measured values differ from σ² by up to 2 percent, although this cell
# uses 10,000 points: the mean of N squared draws scatters around σ² with a standard deviation of √(2/N) · σ², here
# 1.4 percent of it.
#
# Every training run raises a question: the loss has stopped falling, so is the model good, or is the training stuck?
# The loss alone does not say. The floor does: a loss of 1 is as good as it gets if σ is 1, and poor if σ is 0.1.
#
# ## The same data again
#
# A result that you cannot repeat is hard to check. The numbers above come from a **random generator**, a rule that
# computes each number from an internal state, and the state from a starting value, the **seed**. The same seed starts
# the same sequence. Without a seed, the generator starts from the operating system's randomness, and every run of
# your notebook sees other data. The next cell compares three cases.

# %%
tf.random.set_seed(7)
first = tf.random.normal([1000])
then = tf.random.normal([1000])
tf.random.set_seed(7)
again = tf.random.normal([1000])
unseeded = [np.random.default_rng().normal(size=1000) for _ in range(2)]

print("the same seed, the same numbers:", np.array_equal(first, again))
print("going on without setting it again:", np.array_equal(first, then))
print("two generators without a seed:", np.array_equal(*unseeded))

# %% [markdown]
# `tf.random.set_seed` sets the **global seed**: one sequence that all calls share, each taking the numbers that come
# next. This makes the order of the calls part of the result.
#
# **Predict.** The next cell draws the noise first and the inputs second, from the same seed as at the top of the
# chapter. Are the inputs the same as there?

# %%
tf.random.set_seed(0)
noise_first = tf.random.normal([num_examples])
inputs_second = tf.random.normal([num_examples])

print("inputs as before:", np.array_equal(inputs_second, inputs))
print("noise has the inputs' numbers:", np.array_equal(noise_first, inputs))

# %% [markdown]
# The sequence is the same, but its numbers went to other places. In the same way, one more draw in an early cell of a
# notebook, or a cell that you run twice, changes all data below it.
#
# The cure is a generator that belongs to the data alone. `datasets.line` has one, and otherwise does what `synthesize`
# does. What happens to the global seed does not matter to it. (1000 points around W = 3, b = 2 with σ = 1 are its
# defaults.)

# %%
tf.random.set_seed(0)
inputs, outputs = datasets.line(num_examples, true_W, true_b, stddev=1.0, seed=0)
tf.random.set_seed(1)
tf.random.normal([5])
same_inputs, same_outputs = datasets.line(seed=0)

print("the same inputs:", np.array_equal(inputs, same_inputs))
print("the same outputs:", np.array_equal(outputs, same_outputs))

# %% [markdown]
# From here on, a single data set comes from `datasets.line`, and chapter 5 trains on these very points. `synthesize`
# still serves where thousands of data sets are drawn at once.
#
# ## The best line, without training
#
# For a line, and for few other models, the lowest loss can be computed in one step. You will use it as the yardstick
# in chapter 5: it is where training should arrive.
#
# At the minimum the gradient of the loss is zero. Write a bar for a mean over the examples, as in $\bar x$ for the
# mean input. The loss is the mean of $(y - Wx - b)^2$, and its two derivatives are
#
# $$\frac{\partial L}{\partial b} = -2\,\overline{(y - Wx - b)}, \qquad
# \frac{\partial L}{\partial W} = -2\,\overline{x\,(y - Wx - b)}.$$
#
# Set the first to zero, and $b = \bar y - W \bar x$. Put this into the second and set that to zero. The deviations
# $y - \bar y$ and $x - \bar x$ have mean 0, so multiplying them by $x - \bar x$ or by $x$ gives the same
# mean. Solve for W:
#
# $$W = \frac{\overline{(x - \bar x)(y - \bar y)}}{\overline{(x - \bar x)^2}}, \qquad b = \bar y - W \bar x.$$
#
# This is the **least-squares fit**, a **closed form**: a formula that gives the answer without iterating. The
# means in the code go along the last axis, so that the function fits one data set of shape (N,), or many at once in the
# rows of an array; `keepdims=True` keeps that axis, with length 1, so that each row has its own mean subtracted.


# %%
def fit(inputs, outputs):
    mean_input = np.mean(inputs, axis=-1, keepdims=True)
    mean_output = np.mean(outputs, axis=-1, keepdims=True)
    x, y = inputs - mean_input, outputs - mean_output
    W = np.mean(x * y, axis=-1) / np.mean(x * x, axis=-1)
    return W, mean_output[..., 0] - W * mean_input[..., 0]


W, b = fit(inputs, outputs)
print(f"fit: W = {W:.4f}, b = {b:.4f}")

# %% [markdown]
# Close to the truth, but not equal to it. Is it really the minimum? The tape can tell: its gradient must be zero
# there. For comparison, ask at the untrained model and at the truth too.


# %%
def loss_and_gradient(model):
    with tf.GradientTape() as tape:
        loss = l2_loss(model(inputs), outputs)
    return loss, tape.gradient(loss, [model.W, model.b])


fitted = Model(W, b)
for name, m in [("untrained", Model()), ("truth", truth), ("fit", fitted)]:
    loss, (dW, db) = loss_and_gradient(m)
    size = max(abs(dW), abs(db))
    print(f"{name:9}  loss {loss:.5f}  largest derivative {size:.5f}")

# %% [markdown]
# At the fit the gradient is zero up to rounding, and the loss is lower than at the truth. That is no mistake. The fit
# minimizes the loss on these 1000 examples, noise included, so no other line does better on them, and the true line
# does a little worse.
#
# Does the fit come closer to the truth with more examples? Compare one to the first 20 of them with one to all 1000.

# %%
few = Model(*fit(inputs[:20], outputs[:20]))
clouds = {
    "20 points: fit and truth differ": (inputs[:20], outputs[:20], few(inputs[:20])),
    "1000 points: they coincide": (inputs, outputs, fitted(inputs)),
}

plots.show(
    plots.clouds(clouds, true_W, true_b, predicted="fit"),
    "Two clouds of blue points, each with a red fitted line and the dashed truth. "
    "With 20 points the red line lies below the dashed one and is less steep; with "
    "1000 points the two coincide.",
)
for size, m in [(20, few), (1000, fitted)]:
    print(f"{size:4} points: W = {m.W:.3f}, b = {m.b:.3f}")

# %% [markdown]
# Your eye can tell the fit from the truth at 20 points, and not at 1000. At how many does it stop being able to? And
# how many does it take when the noise is twice as large? Move the number of points and the noise, and with the seed
# draw other data.

# %%
experiments.DataSynthesis()

# %% [markdown]
# With few points every seed tilts the fit another way, with many all seeds give nearly the same line. Twice the noise
# makes the errors twice as large, because the same seed gives the same noise, scaled. The section after the next finds
# the rule. The right panel belongs to the next section: the loss of the fit on its own data, and on fresh data.
#
# ## Kept back for the test
#
# The fit's loss is below the loss at the truth. It would be wrong to conclude that the fit is better than the truth:
# it has followed the noise of the examples that it saw, and new examples will have other noise. A loss on the data
# that the model was fitted to flatters it.
#
# So keep some examples back. Fit to the **training set**, and judge by the **test set**, which the fit never saw.
# `datasets.train_test_split` divides the examples at random.

# %%
train, test = datasets.train_test_split(inputs, outputs, test_fraction=0.2, seed=0)
fitted = Model(*fit(*train))

for name, (some_inputs, some_outputs) in [("training", train), ("test", test)]:
    loss = l2_loss(fitted(some_inputs), some_outputs)
    print(f"{name:8} {len(some_inputs):4} examples, loss {loss:.3f}")

# %% [markdown]
# Both are near the floor of 1. That the test loss is the larger one proves nothing here: over 200 examples it
# scatters by √(2/N), with N = 200 that is 10 percent. To see an effect smaller than that, repeat the experiment many
# times and average. The next cell draws 5000 data sets of each size, one in each row, fits a line to each, and tests
# it on as many new examples.
#
# **Predict.** With only 10 examples and a floor of 1, where is the average training loss: at 0.8, 1.0 or 1.2? And the
# average loss on new data?

# %%
sizes = np.array([10, 20, 50, 100, 200])
train_losses, new_losses = [], []
tf.random.set_seed(3)
for size in sizes:
    x, y = synthesize([5000, size])
    new_x, new_y = synthesize([5000, size])
    W, b = (np.expand_dims(estimate, -1) for estimate in fit(x, y))
    train_losses.append(float(l2_loss(x * W + b, y)))
    new_losses.append(float(l2_loss(new_x * W + b, new_y)))

# %% [markdown]
# The next cell sets the averages beside the values $\sigma^2(1 - 2/N)$ and $\sigma^2(1 + 2/N)$, which the theory of
# least squares gives: the first for any N, the second for large N. The 2 is the number of parameters, W and b. Each
# one that is fitted follows about one part in N of the noise.

# %%
fig = plots.losses_around_the_floor(sizes, train_losses, new_losses, floor=1.0)
plots.show(
    fig,
    "The average loss of a fitted line against the number of training examples. On its "
    "own training data it rises towards the noise floor of 1 from below, on new data it "
    "falls towards it from above.",
)
print("   N  training  1 - 2/N  new data  1 + 2/N")
for N, low, high in zip(sizes, train_losses, new_losses):
    print(f"{N:4}  {low:8.3f}  {1 - 2 / N:7.3f}  {high:8.3f}  {1 + 2 / N:7.3f}")

# %% [markdown]
# At every N the training loss is below the floor and the loss on new data above it, and both approach it as N grows.
# With ten examples the training loss is 0.81, and the loss on new data is 1.26. A training loss below the floor is no
# sign of a good model: it says that the model has followed the noise.
#
# ## More data, smaller error
#
# The loss says how well the model predicts. With synthetic data you can also ask how far the parameters are from the
# truth. Five data sets, equal but for the seed, give five estimates.

# %%
for seed in range(5):
    W, b = fit(*datasets.line(1000, seed=seed))
    errors = f"{W - true_W:+.3f} and {b - true_b:+.3f}"
    print(f"seed {seed}: W = {W:.3f}, b = {b:.3f}, errors {errors}")

# %% [markdown]
# The estimates scatter around the truth by a few hundredths. How does this depend on N?
#
# **Predict.** You collect 100 times as many examples. Is the error 100 times smaller, 10 times, or 2 times?
#
# The formula for the fitted W can tell. Put $y = Wx + b + \varepsilon$ into it, with the noise $\varepsilon$, and the
# truth drops out:
#
# $$W_\text{fit} - W = \frac{\overline{(x - \bar x)\,\varepsilon}}{\overline{(x - \bar x)^2}}.$$
#
# The denominator is near 1, the variance of the inputs. The numerator is a mean of N independent terms, each with
# mean 0 and a standard deviation of about σ. In a sum of independent terms the variances add: the sum has variance
# Nσ², its standard deviation is √N · σ, and that of the mean, N times smaller, is σ/√N. The error of b is close to the
# mean of the noise itself, because $\bar x$ is close to 0, and that is σ/√N too.
#
# Measure it: 200 data sets for each N, and the root of the mean square error over the 200.

# %%
sizes = np.array([10, 30, 100, 300, 1000, 3000])
W_errors, b_errors = [], []
tf.random.set_seed(4)
for size in sizes:
    W, b = fit(*synthesize([200, size]))
    W_errors.append(float(np.sqrt(np.mean(np.square(W - true_W)))))
    b_errors.append(float(np.sqrt(np.mean(np.square(b - true_b)))))

# %% [markdown]
# On logarithmic axes a power of N is a straight line, and the power is its slope. For σ/√N it should be −1/2.

# %%
theory = 1.0 / np.sqrt(sizes)

plots.show(
    plots.errors_by_size(sizes, W_errors, b_errors, theory),
    "On logarithmic axes the root mean square errors of W and b, for 10 to 3000 "
    "examples, fall along the dashed straight line of sigma divided by the root of N.",
)
print("   N  error of W  error of b     σ/√N")
for N, W_error, b_error, expected in zip(sizes, W_errors, b_errors, theory):
    print(f"{N:4}  {W_error:10.4f}  {b_error:10.4f}  {expected:7.4f}")
slopes = [np.polyfit(np.log(sizes), np.log(e), 1)[0] for e in (W_errors, b_errors)]
print(f"slopes {slopes[0]:.2f} and {slopes[1]:.2f}")

# %% [markdown]
# A hundred times as many examples, from 30 to 3000, bring the error of W from 0.181 down to 0.018, a tenth. At N = 10
# both errors lie above the theory, because the variance of ten inputs is often well below 1, and the denominator with
# it. This also makes the slopes a little steeper than −1/2.
#
# Read backwards, it is the rule that was missing: for an error of about δ you need (σ/δ)² examples. With σ = 1 and an
# error of 0.1 these are 100; with twice the noise, four times as many. And it sets the scale for chapter 5: trained
# on 1000 examples, W typically ends about 1/√1000 ≈ 0.03 away from the truth. Better training cannot bring it closer.
# More data can.

# %% [markdown]
# ## In other frameworks
#
# The generator that belongs to the data has another name everywhere. The same seed gives other numbers in another
# library, and sometimes in another version of the same one: to share data exactly, share the data.
#
# ```python
# # TensorFlow
# generator = tf.random.Generator.from_seed(0)
# inputs = generator.normal([1000])
#
# # PyTorch
# generator = torch.Generator().manual_seed(0)
# inputs = torch.randn(1000, generator=generator)
#
# # JAX has no global seed: every call takes a key, each key used once
# input_key, noise_key = jax.random.split(jax.random.key(0))
# inputs = jax.random.normal(input_key, (1000,))
#
# # scikit-learn returns the four parts in another order
# parts = train_test_split(inputs, outputs, test_size=0.2, random_state=0)
# train_inputs, test_inputs, train_outputs, test_outputs = parts
# ```

# %% [markdown]
# ## Summary
#
# - With synthetic data the truth is known, so you can measure what real data hide: the error of each parameter, and
#   the noise floor σ², below which no model's average loss on new data can fall.
# - A loss on training data flatters, so judge by a test set; and give the data a generator and a seed of their own,
#   so that everyone can repeat the judgment.
# - A fit to N examples misses the truth by about σ/√N. Ten times the accuracy takes a hundred times the data.
#
# In chapter 5 you train the model by gradient descent, and it arrives at the fit that you computed here.

# %% [markdown]
# ## Exercises
#
# Complete each cell, run it, and run the check below it. `.hint()` in place of the call gives a hint.

# %% [markdown]
# **1. A curve.** Synthesize outputs around the parabola 0.5x² − x + 1, with noise of standard deviation `stddev`. You
# get noise of standard deviation 1 to make it from. Then draw 1000 points with σ = 0.5, verify that the loss at the
# truth is near 0.25, and fit a line to them with `fit`. Its loss is nearly three times the floor. Would more points
# help?


# %%
def curve(inputs, noise, stddev):
    on_the_curve = 0.5 * tf.square(inputs) - inputs + 1
    outputs = ...
    return outputs


# %%
check.data_synthesis.curve(curve)

# %% [markdown]
# **2. How much data?** The noise has the standard deviation `sigma`, and you want W to within `error`. Write a
# function for the number of examples that this takes. What does it say for σ = 2 and an error of 0.02? Verify that
# with 200 data sets, as in the last section.


# %%
def examples_needed(sigma, error):
    return ...


# %%
check.data_synthesis.examples_needed(examples_needed)

# %% [markdown]
# **3. Find the bug: too good.** A fit to these data reaches a loss of 0 and the exact W, up to rounding, but its b is
# wrong, and another one with each seed. What happened to the noise? Repair it.


# %%
def synthesize(inputs):
    return inputs * 3.0 + 2.0 + tf.random.normal([])


# %%
check.data_synthesis.shared_noise(synthesize)

# %% [markdown]
# **4. A model that remembers.** For any input, this model looks up the remembered input that is nearest, and predicts
# its output. Complete it, for an array of new inputs. What is its loss on the data that it remembers, and what on new
# data from `datasets.line(seed=1)`? Guess first. Why is the second number near twice the noise floor?


# %%
def remember(inputs, outputs, new):
    distances = ...
    return outputs[...]


# %%
check.data_synthesis.nearest_neighbour(remember)
