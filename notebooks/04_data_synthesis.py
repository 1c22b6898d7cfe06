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
# - **say** why the loss is a mean of squares, how low it can go on new data, and when it is too good to be true;
# - **predict** how close to the truth a fit comes, from the number of examples and the noise.
#
# Time: about 45 minutes, and 25 for the exercises. It builds on chapter 3, the model and its loss; one cell uses the
# tape of chapter 2.

# %%
import numpy as np

import course as tf
from course import check, datasets, experiments, plots
from course.losses import l2_loss

# %% [markdown]
# ## Data whose truth is known
#
# In chapter 5 you will train the model of chapter 3 to recover a line from examples. How will you know that the
# training works? With measured data you could not be sure: nobody knows the true line behind them. So start with
# **synthetic data**, made by a program from a rule that you choose. The rule is the truth, and you can compare with
# it whatever the model finds.
#
# The rule here is output = input · 3 + 2, so the model should find W = 3 and b = 2. Draw 1000 inputs from the
# **standard normal distribution**. Its values have the mean 0, and the **standard deviation** 1: that is the root of
# the mean of their squared distances from the mean, a typical distance. About two thirds of the values lie within it.

# %%
true_W, true_b = 3.0, 2.0
num_examples = 1000

tf.random.set_seed(0)
inputs = tf.random.normal([num_examples])

print("shape", inputs.shape, "dtype", inputs.dtype)
print(f"mean {np.mean(inputs):.3f}, standard deviation {np.std(inputs):.3f}")
print(f"within 1 of the mean: {np.mean(np.abs(inputs.numpy()) < 1):.1%}")

# %% [markdown]
# The mean is near 0 and the standard deviation near 1, but neither is exact: 1000 draws are a sample. (`set_seed`
# makes the draws the same in every run; more on that below.)
#
# Measurements never lie exactly on a line. Whatever the input does not explain is called **noise**: imperfect
# instruments, and many small influences that nobody recorded. Their sum has a shape of its own. Take twelve influences,
# each of them as likely to be −1 as 0.3 or any other number between −1 and 1, and add them up, a thousand times. In a
# **histogram** the area of a bar is the share of the values that lie in it, so its height is a **density**: a share for
# each unit of width.

# %%
influences = tf.random.uniform([1000, 12], -1, 1)
sums = tf.reduce_sum(influences, axis=1)

print(f"one influence: standard deviation {np.std(influences[:, 0]):.2f}")
print(f"their sum:     standard deviation {np.std(sums):.2f}")
by_title = {
    "One influence is flat": influences[:, 0],
    "The sum of twelve is a bell": sums,
}
plots.histograms(by_title, "sizes", stddev=2.0)

# %% [markdown]
# No influence is more often small than large, and yet their sum is: for a large sum all twelve would have to agree.
# The dashed bell is a normal distribution with the standard deviation of the sum, 2. The more influences there are,
# the closer to a bell their sum comes, whatever each one looks like, as long as they are independent and none
# outweighs the rest. (This is the **central limit theorem**.) So the usual model of noise is a normal distribution
# with mean 0, called **Gaussian noise**. The next cell adds it to the line and looks at the first three examples.

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
# The model of chapter 3 starts at W = 5 and b = 0. Here it is again, and a check that f(3) = 15. Its loss, the one of
# chapter 3 that refuses shapes which do not match, was imported at the top: `l2_loss(predictions, outputs)`.


# %%
class Model(tf.Module):
    def __init__(self, W=5.0, b=0.0):
        super().__init__()
        self.W = tf.Variable(W, name="W")
        self.b = tf.Variable(b, name="b")

    def __call__(self, inputs):
        return inputs * self.W + self.b


model = Model()
print(f"f(3) = {model(3.0):.1f}")

# %% [markdown]
# Look at the data before you train on them, every time. The next figure will show the data in blue, what the
# untrained model predicts for the same inputs in red, and the truth dashed.
#
# **Predict.** At input 0 the red line is below the dashed one, and it is steeper.

# %%
crossing_guess = check.data_synthesis.where_lines_cross.predict()

# %%
predictions = model(inputs)
crossing = (true_b - model.b) / (model.W - true_W)

print(f"inputs from {np.min(inputs):.2f} to {np.max(inputs):.2f}")
title = "Untrained, the model misses the data"
plots.clouds({title: (inputs, outputs, predictions)}, true_W, true_b)
crossing_guess.outcome(crossing)

# %% [markdown]
# They cross where 5x = 3x + 2. To the left of that the model predicts too little, to the right too much.

# %% [markdown]
# How bad is that, as a number? And what would the loss be if training succeeded, with the model exactly at the truth?
# With synthetic data you can ask this before you train.
#
# **Predict.** The model is told the true W and b.

# %%
truth_guess = check.data_synthesis.loss_at_the_truth.predict()

# %%
on_the_line = inputs * true_W + true_b

print(f"loss before training {l2_loss(predictions, outputs):.4f}")
print(f"loss at the truth    {l2_loss(on_the_line, outputs):.4f}")
truth_guess.outcome(l2_loss(on_the_line, outputs))

# %% [markdown]
# A model that knows the truth still has a loss: it predicts the line, and the data are not on the line.

# %% [markdown]
# In the loss of any model, the model's part and the noise's part can be told apart. The output is the truth plus
# noise, so the residual, prediction − output, is (prediction − truth) − noise: the model's own error, less the noise.
# Squaring it gives both squares and, with a minus, twice their product, so the loss has three parts.

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
# it as against it, so the mean of the products comes closer to zero the more examples there are.
#
# ## The noise floor
#
# The second part is what remains when the model is perfect. How large is it for other noise? Put the steps together
# in a function with the standard deviation of the noise, σ, as a parameter. Like `tf.random.normal` it takes a shape:
# `[1000]` for one data set of 1000 points.


# %%
def synthesize(shape, stddev=1.0):
    inputs = tf.random.normal(shape)
    noise = tf.random.normal(shape, stddev=stddev)
    return inputs, inputs * true_W + true_b + noise


# %% [markdown]
# **Predict.** The same truth, and noise of twice the standard deviation.

# %%
noise_guess = check.data_synthesis.twice_the_noise.predict()

# %%
truth = Model(true_W, true_b)

tf.random.set_seed(2)
floors = {}
for stddev in (0.5, 1.0, 2.0, 4.0):
    some_inputs, some_outputs = synthesize([10_000], stddev)
    floors[stddev] = l2_loss(truth(some_inputs), some_outputs)
    print(f"σ = {stddev:3}: loss at the truth {floors[stddev]:6.3f}")
noise_guess.outcome(floors[2.0] / floors[1.0])

# %% [markdown]
# The loss at the truth is the mean of the squared noise, and near σ², which is called its **variance**. (Not quite
# equal: these are 10,000 draws. How far such a mean is off, a later section says.) On data that it has not seen, no
# model gets below σ² on average: the first part of its loss is a mean of squares and cannot be negative, and the
# third is zero on average. This limit is the **noise floor**.
#
# Every training run raises a question: the loss has stopped falling, so is the model good, or is the training stuck?
# The loss alone does not say. The floor does: a loss of 1 is as good as it gets if σ is 1, and poor if σ is 0.1.

# %% [markdown]
# ## Why the square?
#
# Chapter 3 had several losses to choose from. That the noise is Gaussian is a reason to choose this one. Look at the
# residuals of two lines, the truth and the untrained model, beside the bell of the noise:

# %%
lines = {"truth": truth, "untrained": model}
residuals = {name: line(inputs) - outputs for name, line in lines.items()}

for name, values in residuals.items():
    share = np.mean(np.abs(values.numpy()) > 3)
    print(f"{name:9}  residuals beyond 3: {share:.1%}")
by_title = {
    "Under the true line": residuals["truth"],
    "Under the untrained one": residuals["untrained"],
}
plots.histograms(by_title, "residuals", stddev=1.0)

# %% [markdown]
# Had noise with σ = 1 been added to the untrained line, such residuals would be all but impossible: the bell says that
# three in a thousand are larger than 3. To measure how well a line and the data go together, take the bell's height at
# each residual $r$, its density there. The formula of the bell is
#
# $$p(r) = \frac{1}{\sigma\sqrt{2\pi}}\; e^{-r^2 / (2\sigma^2)}.$$
#
# Independent chances multiply, so multiply the heights at all N residuals. The product is the **likelihood** of the
# line: the higher it is, the less surprising are the data under that line. A product of 1000 small numbers is smaller
# than any float, so take its logarithm, which is the sum of the logarithms. One of them is
#
# $$\log p(r) = -\frac{r^2}{2\sigma^2} - \log(\sigma\sqrt{2\pi}),$$
#
# and the sum over all examples, with a bar for a mean over them, is
#
# $$\log\text{likelihood} = -\frac{N}{2\sigma^2}\,\overline{r^2} - N \log(\sigma\sqrt{2\pi}).$$
#
# Only $\overline{r^2}$ depends on the line, and that is the L2 loss. It stands behind a minus, so the line with the
# smallest loss is the line with the greatest likelihood. The next cell takes both ways for both lines.

# %%
constant = np.log(np.sqrt(2 * np.pi))  # for σ = 1
for name, values in residuals.items():
    summed = np.sum(-(values.numpy() ** 2) / 2 - constant)
    loss = np.mean(values.numpy() ** 2)
    by_the_loss = -num_examples / 2 * loss - num_examples * constant
    print(f"{name:9}  log likelihood {summed:8.1f}, from the loss {by_the_loss:8.1f}")

# %% [markdown]
# So to minimize the mean square is to look for the line under which the data are most likely. This is called **maximum
# likelihood**. Noise of another shape asks for another loss. If its density falls as $e^{-|r|}$, which leaves more
# room for outliers, the same steps lead to the mean of $|r|$, the L1 loss of chapter 3.
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
# `tf.random.set_seed` sets the **global seed**, which all calls share. At the top of the chapter the seed was 0, the
# inputs were drawn first, and the noise later. The next cell exchanges the two.
#
# **Predict.** The seed is 0 again, and each call has the shape that it had.

# %%
order_guess = check.data_synthesis.noise_drawn_first.predict()

# %%
tf.random.set_seed(0)
other_noise = tf.random.normal([num_examples])
other_inputs = tf.random.normal([num_examples])

same = np.array_equal(other_inputs, inputs)
order_guess.outcome(same)

# %% [markdown]
# There is one sequence, and each call takes the numbers that come next. The sequence is the same as before, but its
# numbers went to other places. In the same way, one more draw in an early cell of a notebook, or a cell that you run
# twice, changes all data below it.

# %% [markdown]
# Compare the noise of now with the inputs of before:

# %%
print("equal:", np.array_equal(other_noise, inputs))

# %% [markdown]
# To keep data as they are, give them a generator of their own. `datasets.line` has one, and otherwise does what
# `synthesize` does. What happens to the global seed does not matter to it. (1000 points around W = 3, b = 2 with σ = 1
# are its defaults.)

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
# At the minimum the gradient of the loss is zero. Write $\bar x$ for the mean input and $\bar y$ for the mean output.
# The loss is the mean of $(y - Wx - b)^2$, and its two derivatives are
#
# $$\frac{\partial L}{\partial b} = -2\,\overline{(y - Wx - b)}, \qquad
# \frac{\partial L}{\partial W} = -2\,\overline{x\,(y - Wx - b)}.$$
#
# The first is zero when $\bar y - W\bar x - b = 0$, so $b = \bar y - W \bar x$. With this b, the residual's formula
# $y - Wx - b$ becomes $(y - \bar y) - W (x - \bar x)$, and the second is zero when
#
# $$\overline{x\,(y - \bar y)} = W\; \overline{x\,(x - \bar x)}.$$
#
# The deviations $y - \bar y$ and $x - \bar x$ have mean 0. So has their product with any constant, such as $\bar x$,
# and a mean of 0 may be subtracted: on both sides, the $x$ in front may be replaced by $x - \bar x$. Divide, and you
# have W:
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
# ## More data, smaller error
#
# The loss says how well the model predicts. With synthetic data you can also ask how far the fit is from the truth.
# Compare a fit to the first 20 examples with one to all 1000.

# %%
few = Model(*fit(inputs[:20], outputs[:20]))
for size, m in [(20, few), (1000, fitted)]:
    print(f"{size:4} points: W = {m.W:.3f}, b = {m.b:.3f}")
clouds = {
    "20 points: fit and truth differ": (inputs[:20], outputs[:20], few(inputs[:20])),
    "1000 points: they coincide": (inputs, outputs, fitted(inputs)),
}
plots.clouds(clouds, true_W, true_b, predicted="fit")

# %% [markdown]
# Another seed would give other points, and another fit. Take five data sets of 1000 points, equal but for the seed.

# %%
for seed in range(5):
    W, b = fit(*datasets.line(1000, seed=seed))
    errors = f"{W - true_W:+.3f} and {b - true_b:+.3f}"
    print(f"seed {seed}: W = {W:.3f}, b = {b:.3f}, errors {errors}")

# %% [markdown]
# A typical error is a few hundredths. To measure it, the next cell draws 200 data sets for each number of examples N,
# and takes the root of the mean square error over the 200.
#
# **Predict.** From 30 examples to 3000, what becomes of that error?

# %%
data_guess = check.data_synthesis.hundred_times_the_data.predict()

# %%
sizes = np.array([10, 30, 100, 300, 1000, 3000])
W_errors, b_errors = [], []
tf.random.set_seed(4)
for size in sizes:
    W, b = fit(*synthesize([200, size]))
    W_errors.append(float(np.sqrt(np.mean(np.square(W - true_W)))))
    b_errors.append(float(np.sqrt(np.mean(np.square(b - true_b)))))
    print(f"N = {size:4}: error of W {W_errors[-1]:.4f}, of b {b_errors[-1]:.4f}")
data_guess.outcome(W_errors[1] / W_errors[5])

# %% [markdown]
# A hundred times as many examples, from 30 to 3000, bring the error of W from 0.181 down to 0.018, a tenth.
#
# The formula for the fitted W says why. With the noise $\varepsilon$, an output is $y = Wx + b + \varepsilon$, and
# the mean output is $\bar y = W\bar x + b + \bar\varepsilon$. Subtract the second from the first:
# $y - \bar y = W(x - \bar x) + (\varepsilon - \bar\varepsilon)$. Put this into the formula. The part with the true W
# is W times the denominator, so the fraction is W, and the rest is the error:
#
# $$W_\text{fit} = W + \frac{\overline{(x - \bar x)(\varepsilon - \bar\varepsilon)}}{\overline{(x - \bar x)^2}}
# = W + \frac{\overline{(x - \bar x)\,\varepsilon}}{\overline{(x - \bar x)^2}}.$$
#
# (The last step leaves out $\bar\varepsilon$, a constant, whose product with $x - \bar x$ has mean 0.) The denominator
# is near 1, the variance of the inputs. The numerator is a mean of N independent terms, each with mean 0 and a standard
# deviation of about σ. In a sum of independent terms the variances add, because in the square of the sum the products
# of two different terms have mean 0. So the sum has variance Nσ², its standard deviation is √N · σ, and that of the
# mean, N times smaller, is σ/√N. The error of b is close to the mean of the noise itself, because $\bar x$ is close to
# 0, and that is σ/√N too, the power −1/2 of N.

# %% [markdown]
# On logarithmic axes a power of N is a straight line, and the power is its slope:

# %%
theory = 1.0 / np.sqrt(sizes)

slopes = [np.polyfit(np.log(sizes), np.log(e), 1)[0] for e in (W_errors, b_errors)]
print(f"slopes {slopes[0]:.2f} and {slopes[1]:.2f}")
print("σ/√N", theory.round(4))
plots.errors_by_size(sizes, W_errors, b_errors, theory)

# %% [markdown]
# At N = 10 both errors lie above the theory, because the variance of ten inputs is often well below 1, and the
# denominator with it. This also makes the slopes a little steeper than −1/2.
#
# Read backwards, σ/√N says how many examples you need: for an error of about δ, (σ/δ)². With σ = 1 and an error of 0.1
# these are 100; with twice the noise, four times as many. And it sets the scale for chapter 5: trained on 1000
# examples, W typically ends about 1/√1000 ≈ 0.03 away from the truth. Better training cannot bring it closer. More data
# can.
#
# ## Kept back for the test
#
# The fit was computed from the examples on which its loss was then measured. Is that a fair judge? To find out, keep
# some examples back. Fit to the **training set**, and measure the loss on the **test set** too, which the fit never
# saw. `datasets.train_test_split` divides the examples at random.

# %%
train, test = datasets.train_test_split(inputs, outputs, test_fraction=0.2, seed=0)
fitted = Model(*fit(*train))

for name, (some_inputs, some_outputs) in [("training", train), ("test", test)]:
    loss = l2_loss(fitted(some_inputs), some_outputs)
    print(f"{name:8} {len(some_inputs):4} examples, loss {loss:.3f}")
print(f"standard deviation of noise² {np.std(np.square(noise)):.2f}")

# %% [markdown]
# Both are near the floor of 1, and that one of them is larger proves nothing: a loss is a mean of N squares, and a
# mean of N terms is uncertain by their standard deviation divided by √N. For squares of Gaussian noise that is about
# √2 σ², as the last line shows, so a loss over 200 examples is uncertain by √2/√200, or 10 percent. To see a smaller
# effect, repeat the experiment many times and average. The next cell draws 5000 data sets of each size, one in each
# row, fits a line to each, and measures its loss on these examples and on as many new ones.
#
# **Predict.** The noise floor is 1, and the fit has only ten examples.

# %%
ten_guess = check.data_synthesis.training_loss_of_ten.predict()

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
print("losses on the training data", np.round(train_losses, 3))
ten_guess.outcome(train_losses[0])

# %% [markdown]
# A loss on the data that the model was fitted to flatters it: the fit has followed the noise of its own examples. By
# how much? Take b alone, with W known: the best b is too high by $\bar\varepsilon$, and the loss is the mean of
# $(\varepsilon - \bar\varepsilon)^2$, which is $\overline{\varepsilon^2} - 2\bar\varepsilon\bar\varepsilon +
# \bar\varepsilon^2 = \overline{\varepsilon^2} - \bar\varepsilon^2$, so on average $\sigma^2 - \sigma^2/N$. Fitting W
# takes another $\sigma^2/N$ in the same way: $\sigma^2(1 - 2/N)$. The 2 is the number of parameters.

# %% [markdown]
# And on new data, whose noise is other noise? In the experiment, each faint line on the left is the fit to N other
# points, and the right panel counts those whose loss on fresh data is good. Take N down to 10, and up again. From how
# many points on is the loss on fresh data within five percent of the noise floor for 47 of the 50 fits, and does that
# take more points when the noise is twice as large?

# %%
experiments.DataSynthesis()

# %% [markdown]
# From 100 points on, and with twice the noise as well: loss and floor grow together. The slopes themselves take longer.
# σ/√N is a typical error, and nearly all errors are below twice that. For 47 of 50 slopes within 0.1 of the truth,
# $2/\sqrt N$ has to be about 0.1, so N about 400, which is 500 of the numbers on offer; for half the error it takes
# four times as many, 2000.

# %% [markdown]
# The parts of the loss from the beginning of the chapter say how much it is. On new data the model's own error adds to
# the floor. At input x it is (error of b) + (error of W) · x, and its square is σ²/N + σ²/N · x² on average, by the
# rule σ/√N. The mean of x² is 1, so the loss on new data should be near $\sigma^2(1 + 2/N)$: as far above the floor as
# that on its own data is below it.

# %%
print("   N  training  1 - 2/N  new data  1 + 2/N")
for N, low, high in zip(sizes, train_losses, new_losses):
    print(f"{N:4}  {low:8.3f}  {1 - 2 / N:7.3f}  {high:8.3f}  {1 + 2 / N:7.3f}")
plots.losses_around_the_floor(sizes, train_losses, new_losses, floor=1.0)

# %% [markdown]
# At every N the training loss is below the floor and the loss on new data above it, and both approach it as N grows.
# (With ten examples the second is above $1 + 2/N$, because the errors are, as in the last section.) A training loss
# below the floor is no sign of a good model. It says that the model has followed the noise. So judge by a test set.

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
# - For Gaussian noise the line with the least mean square is the most likely one. A loss on training data flatters, so
#   judge by a test set; and give the data a generator and a seed of their own, so that everyone can repeat the
#   judgment.
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
def noisy_line(inputs):
    return inputs * 3.0 + 2.0 + tf.random.normal([])


# %%
check.data_synthesis.shared_noise(noisy_line)

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
