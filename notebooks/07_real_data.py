# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 7. Real data
#
# After this chapter you can
#
# - **fit** the linear model to measurements in millimetres and grams, and report its error in grams,
# - **compute** why raw units make gradient descent slow, and cure it by standardizing the inputs,
# - **read** residuals, find what a line leaves unexplained, and add inputs that explain some of it.
#
# Time: about 35 minutes, and 25 for the exercises. It builds on the test set (chapter 4) and on the curvatures of the
# loss (chapter 5).

# %%
import numpy as np

import course as tf
from course import check, datasets, experiments, plots

# %% [markdown]
# ## Penguins
#
# So far you chose the truth. From here on nobody knows it: the data are measurements.
#
# From 2007 to 2009, Kristen Gorman and her colleagues measured penguins of three species on islands near Palmer
# Station, Antarctica. The source is Gorman, Williams and Fraser (2014), PLoS ONE 9(3): e90081; the table was
# published by Horst, Hill and Gorman as *palmerpenguins*. It is in the public domain (CC0), and comes with the
# course. Look at its first rows, as they are in the file:

# %%
header, *rows = np.loadtxt(datasets.FILES / "penguins.csv", delimiter=",", dtype=str)
print(*header)
for row in rows[:4]:
    print(*row)

# %% [markdown]
# The fourth penguin has no measurements: NA means *not available*. Real tables have such **missing values**, and what
# you do with them is a decision that belongs in the report. Count them first.

# %%
missing = np.sum(np.array(rows) == "NA", axis=0)
print(f"{len(rows)} rows; missing:")
for name, number in zip(header, missing):
    print(f"{name:18} {number:3}")

# %% [markdown]
# Two rows lack all four measurements. They say nothing about flippers or masses, and `datasets.penguins` leaves them
# out. In nine more the sex is unknown. Their flippers and masses are there, so they stay.
#
# Replacing the missing masses by some number, such as zero or the mean, would invent two penguins. And leaving out
# every row with an NA in any column would lose nine for a column that the line does not use.

# %%
penguins = datasets.penguins()
flippers, masses = penguins["flipper_length_mm"], penguins["body_mass_g"]
print(f"{len(flippers)} penguins")
for name, values in [("flipper (mm)", flippers), ("mass (g)", masses)]:
    low, high, mean = np.min(values), np.max(values), np.mean(values)
    print(f"{name:12}  from {low:.0f} to {high:.0f}, mean {mean:.1f}")

# %% [markdown]
# The question of this chapter: how well does the length of its flipper predict what a penguin weighs? Before anything
# else, keep a fifth of the penguins back for the test (chapter 4). The split is made on row numbers, so that other
# columns can be divided in the same way later.

# %%
numbers = np.arange(len(flippers))
(train_rows, _), (test_rows, _) = datasets.train_test_split(
    numbers,
    numbers,
    test_fraction=0.2,
    seed=0,
)
inputs, outputs = tf.gather(flippers, train_rows), tf.gather(masses, train_rows)
test_inputs = tf.gather(flippers, test_rows)
test_outputs = tf.gather(masses, test_rows)
print(f"{len(inputs)} to train on, {len(test_inputs)} for the test")

# %% [markdown]
# From now on you look at the training part only.

# %%
fig = plots.flippers_and_masses("Longer flippers, heavier penguins", inputs, outputs)
x, y = inputs.numpy().astype(float), outputs.numpy().astype(float)
print(f"correlation {np.corrcoef(x, y)[0, 1]:.3f}")
plots.show(
    fig,
    "Body mass over flipper length for 274 penguins, in blue. The cloud rises from "
    "about 3200 g at 175 mm to about 5800 g at 230 mm, and looks nearly straight.",
)

# %% [markdown]
# A line is a fair first model. Is it worth having? A yardstick: predict the mean mass of the training part for every
# penguin, whatever its flipper. The error that you report should have a unit that means something, so take the root
# mean square error, in grams (chapter 3).


# %%
def rms(residuals):
    """The root mean square."""
    return float(np.sqrt(np.mean(np.square(residuals))))


print(f"always the mean: error {rms(np.mean(outputs) - outputs):.0f} g")

# %% [markdown]
# ## Raw units
#
# Model, loss and step are those of chapter 5. `train` takes the variables from the module now, so that it works for
# other models as well.


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


def train(model, inputs, outputs, learning_rate):
    with tf.GradientTape() as tape:
        loss = l2_loss(model(inputs), outputs)
    gradients = tape.gradient(loss, model.trainable_variables)
    for variable, gradient in zip(model.trainable_variables, gradients):
        variable.assign_sub(learning_rate * gradient)
    return loss


# %% [markdown]
# In chapter 5 a learning rate of 0.1 needed twenty epochs.
#
# **Predict.** Here the inputs are near 200 and not near 1. What does a rate of 0.1 do: is it too small, about right,
# or too large?

# %%
first_guess = check.predict(
    "a learning rate of 0.1 is",
    ["too small", "about right", "too large"],
)

# %%
model = Model()
with np.errstate(all="ignore"):  # numbers will get too large for float32
    for epoch in range(1, 7):
        loss = train(model, inputs, outputs, learning_rate=0.1)
        print(f"Epoch: {epoch}, Loss: {loss:.3g}")
first_guess.outcome(f"too large: loss {loss:.3g} in epoch {epoch}")

# %% [markdown]
# Within a few epochs the loss is more than float32 can hold. You know how to find the largest rate beforehand:
# $2/\lambda_{\max}$, from the curvatures of the loss. Both parameters are in one variable here, which makes the
# Hessian shorter. It is computed in float64, because float32 keeps seven digits, and the two curvatures will differ
# by about as many.


# %%
def curvatures(inputs):
    """The smallest and the largest curvature of the loss of a line."""
    x, y = tf.cast(inputs, tf.float64), tf.cast(outputs, tf.float64)
    W_and_b = tf.Variable([0.0, 0.0], dtype=tf.float64)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            loss = l2_loss(x * W_and_b[0] + W_and_b[1], y)
        gradient = inner.gradient(loss, W_and_b)
    return np.linalg.eigvalsh(outer.jacobian(gradient, W_and_b))


low, high = curvatures(inputs)
limit = 2 / high
print(f"curvatures {low:.5f} and {high:.1f}")
print(f"limit of the learning rate {limit:.3g}")

# %% [markdown]
# A rate of 0.1 is four thousand times too large. Take half of the limit, $1/\lambda_{\max}$: along the sharpest axis
# the factor $1 - \eta\lambda$ is then zero, and one step arrives. Train for 1000 epochs, fifty times as many as in
# chapter 5.

# %%
model = Model()
raw_path = [(float(model.W), float(model.b))]
for _ in range(1000):
    train(model, inputs, outputs, learning_rate=limit / 2)
    raw_path.append((float(model.W), float(model.b)))

best = np.polyfit(x, y, deg=1)  # W and b of the least-squares fit
for epoch in (0, 1, 10, 1000):
    W, b = raw_path[epoch]
    error = rms(W * x + b - y)
    print(f"after {epoch:4}: W = {W:6.3f}, b = {b:9.3f}, error {error:4.0f} g")
print(f"best line:  W = {best[0]:6.3f}, b = {best[1]:9.3f}, ", end="")
print(f"error {rms(x * best[0] + best[1] - y):4.0f} g")

# %% [markdown]
# One step, and then almost nothing. W has found the best line *through zero*. The best line of all needs a b of
# −5836, and in 1000 epochs b went from 0 to −0.6. If you watched the loss alone, you would say that it has converged.
#
# ## The condition number
#
# The other axis is to blame. Its factor per step is $1 - \eta\lambda_{\min}$, and at half of the limit that is
# $1 - \lambda_{\min}/\lambda_{\max}$. So the ratio of the two curvatures decides, the **condition number** (chapter 6):
#
# $$\kappa = \frac{\lambda_{\max}}{\lambda_{\min}}.$$
#
# **Predict.** After how many epochs is one percent of the way left along this axis: thousands, or millions?

# %%
second_guess = check.predict("epochs until one percent is left", ["thousands", "millions"])

# %%
kappa = high / low
epochs = np.log(0.01) / np.log1p(-1 / kappa)
print(f"condition number {kappa / 1e6:.2f} million")
print(f"epochs until one percent is left: {epochs / 1e6:.1f} million")
second_guess.outcome(f"{epochs / 1e6:.1f} million")

# %% [markdown]
# Since $\ln 0.01 = -4.6$, it takes about $4.6\,\kappa$ epochs. No other learning rate helps much: even just below the
# limit it takes half as many.
#
# Where does the ratio come from? For a line, the Hessian depends on the inputs only. With a bar for a mean over the
# examples, it is
#
# $$H = 2 \begin{pmatrix} \overline{x^2} & \bar x \\ \bar x & 1 \end{pmatrix}.$$
#
# When all inputs are far from zero, changing W and changing b do nearly the same to the predictions: raise W by 1,
# and all of them rise by about 200, as if b had been raised by 200. The data hardly say which of the two it should
# be. That is the flat axis. When the mean of the inputs is zero, the matrix is diagonal, with curvatures
# $2\,\overline{x^2}$ and 2. The first is twice the variance, so with a standard deviation of 1 they are equal.
#
# **Predict.** Four ways to write the same flippers: in millimetres; in metres; in millimetres from their mean; and
# from their mean in units of their standard deviation. Do metres help? Which of the last two steps helps more?

# %%
mean, std = np.mean(inputs), np.std(inputs)
print(f"mean {mean:.2f} mm, standard deviation {std:.2f} mm")
print("                        limit   condition number")
for name, values in [
    ("millimetres", inputs),
    ("metres", inputs / 1000),
    ("mm from the mean", inputs - mean),
    ("standardized", (inputs - mean) / std),
]:
    low, high = curvatures(values)
    print(f"{name:16}  {2 / high:11.3g}  {high / low:17.3g}")

# %% [markdown]
# Metres help, although nothing about the penguins has changed, and they are not enough. Subtracting the mean helps
# most. Dividing by the standard deviation does the rest, and 1 is the best that there is: a round bowl.
#
# Try all that lies between. Start at raw millimetres, and first subtract 100, then 180, then 201. Which of these runs
# are on their way to the least loss, and which stand still? Then find the number to divide by. (Here masses are in
# kilograms, W and b start at 0, and the learning rate is half of its limit, whatever the limit is.)

# %%
experiments.InputScaling(inputs, outputs)

# %% [markdown]
# The condition number falls to 547,000, 1,980 and 195. The loss after 50 epochs tells another story, because of the
# first step: it finds the best line that predicts 0 kg where the scaled input is 0. At 100 mm such a line is good, by
# luck, and at 201 mm it is bad. What counts is what comes after. At 0 and at 100 the curve is flat, and what is left
# of the loss stays. At 201 it falls in every epoch, and after 900 of them one percent of the way is left. Divide by
# 14 as well, and the bowl is round: two epochs are enough. Dividing alone, with zero far from the data, turns the
# ravine and never makes it round.
#
# ## Standardizing
#
# To **standardize** values is to subtract their mean and divide by their standard deviation. The result has mean 0
# and standard deviation 1, and no unit. Do the same with the masses. That does not change the curvatures, but it
# brings W and b to a size near 1.
#
# The two numbers are fitted to data, just as W and b are, so they come from the **training part alone**, and the test
# part is transformed with them. If they came from all the penguins, the model would know something about those it is
# tested on. Such a **leak** is small with a mean and a standard deviation. It can be large where more is decided by
# looking at the data, such as which inputs to use. So make it a habit.


# %%
class Standardizer:
    """Subtracts the mean of some values, and divides by their standard deviation."""

    def __init__(self, values):
        self.mean, self.std = np.mean(values), np.std(values)

    def __call__(self, values):
        return (values - self.mean) / self.std


to_input, to_output = Standardizer(inputs), Standardizer(outputs)
for name, values in [
    ("training flippers", to_input(inputs)),
    ("test flippers", to_input(test_inputs)),
]:
    mean, std = abs(np.mean(values)), np.std(values)  # abs: rounding may leave -0.000
    print(f"{name:17}  mean {mean:.3f}, standard deviation {std:.3f}")

# %% [markdown]
# The test part has mean 0 and standard deviation 1 only approximately, as it should. It may look tidier to
# standardize the test part with its own mean and deviation. But then a flipper of 200 mm would become another number
# depending on which penguins it comes with, and the model would give it another mass. (A single new penguin would
# have a standard deviation of zero.)
#
# Now train again. Both curvatures are 2, so half of the limit is $1/2$.
#
# **Predict.** It was 39 million epochs. How many are needed now?

# %%
model = Model()
path = [(float(model.W), float(model.b))]
for epoch in range(1, 4):
    loss = train(model, to_input(inputs), to_output(outputs), learning_rate=0.5)
    path.append((float(model.W), float(model.b)))
    print(f"Epoch: {epoch}, Loss: {loss:.4f}")

# %% [markdown]
# One. The loss is printed before each update, so the first update did it all. The same penguins, the same model and
# the same rule; only the units are different.

# %%
maps = {
    "Millimetres and grams: stuck in a ravine": (
        *("W (g/mm)", "b (g)", inputs, outputs),
        *(np.linspace(-10, 70, 201), np.linspace(-9000, 3000, 201)),
        raw_path,
    ),
    "Standardized: a round bowl": (
        *("W", "b", to_input(inputs), to_output(outputs)),
        *(np.linspace(-5, 6, 201), np.linspace(-5, 5, 201)),
        path,
    ),
}
fig = plots.two_maps(maps)
print(f"left, after 1000 epochs: W = {raw_path[-1][0]:.2f}, b = {raw_path[-1][1]:.2f}")
print(f"right, after 3 epochs:   W = {path[-1][0]:.3f}")
plots.show(
    fig,
    "Two contour maps over W and b. In raw units the contours are a narrow straight "
    "ravine; the path steps from W = 5 to its floor at W = 21, b = 0, and stays, far from "
    "the lowest point at W = 50, b = -5836. Standardized, the contours are circles, and "
    "the path goes to their centre in one step.",
)

# %% [markdown]
# ## Back to grams
#
# A weight of 0.87 standard deviations per standard deviation means little to somebody who weighs penguins. Put the
# definitions into the model, $(y - \bar y)/s_y = W\,(x - \bar x)/s_x + b$, and solve for $y$. The slope is
# $W s_y / s_x$, in grams per millimetre, and what remains is the new b.

# %%
slope = float(model.W * to_output.std / to_input.std)
offset = to_output.mean + to_output.std * model.b - slope * to_input.mean
offset = float(offset)
print(f"trained:     {slope:.3f} g/mm · flipper − {-offset:.1f} g")
print(f"closed form: {best[0]:.3f} g/mm · flipper − {-best[1]:.1f} g")

# %% [markdown]
# Both agree in every digit shown. (In standardized units, W is the correlation from the beginning of the chapter, and
# b is 0.) Now, once, the test:

# %%
predictions = slope * test_inputs + offset
test_error = rms(predictions - test_outputs)
explained = 1 - test_error**2 / np.var(test_outputs)

fig = plots.flippers_and_masses(
    "The line, and 68 penguins that it never saw",
    test_inputs,
    test_outputs,
    line=(slope, offset),
)
print(f"training error {rms(slope * x + offset - y):.0f} g")
print(f"test error     {test_error:.0f} g, R² = {explained:.3f}")
plots.show(
    fig,
    "Body mass over flipper length for the 68 penguins of the test part, in blue, with "
    "the fitted line in red. The points scatter around it evenly, all within 800 g.",
)

# %% [markdown]
# The error is 382 g, less than half of what the mean alone would give. **R²** says the same without a unit: it is the
# share of the outputs' variance that the predictions explain, 1 for a perfect model, and 0 for one that is as good as
# the mean of these outputs.
#
# That the test error is below the training error is chance. A loss over N examples scatters by
# $\sqrt{2/N}$ of it (chapter 4), and its root by half as much: with 68 penguins 9 percent, or 33 g.
#
# ## What remains
#
# Typically the line is wrong by 382 g. Is that noise, or has it a pattern? Look at the residuals, prediction −
# measured mass. On the training data they have no slope left, by construction: where the gradient is zero, so is the
# mean of the residuals, and the mean of the residuals times the inputs. To find more, use a column that the model has
# not seen. Here each species has its own colour and marker.
#
# **Predict.** If flipper length is all that matters, what do you expect to see?

# %%
residuals = slope * x + offset - y
species = penguins["species"][train_rows]
fig = plots.residuals_by_group(
    "For Chinstraps, the line says too much",
    x,
    residuals,
    species,
    "flipper length (mm)",
    "residual: prediction − mass (g)",
)
print("            number   mean   standard deviation")
for name in np.unique(species):
    some = residuals[species == name]
    print(f"{name:10}  {len(some):6}  {some.mean():5.0f} g  {some.std():9.0f} g")
plots.show(
    fig,
    "Residuals over flipper length. Adelies, circles, are at short and middle lengths on "
    "both sides of zero; Chinstraps, triangles, at middle lengths and mostly above zero; "
    "Gentoos, squares, at long flippers on both sides.",
)

# %% [markdown]
# A Chinstrap penguin weighs on average 220 g less than its flipper suggests. And sex, which is not in the picture?

# %%
sex = penguins["sex"][train_rows]
for name in np.unique(sex):
    some = residuals[sex == name]
    print(f"{name:6}  {len(some):3} penguins, mean residual {some.mean():5.0f} g")

# %% [markdown]
# For females the line says too much, and for males too little. Part of what looked like noise can be explained, by
# inputs that the model does not have yet.
#
# ## More than one input
#
# A species is not a number. Calling the three 0, 1 and 2 would tell the model that a Chinstrap is halfway between an
# Adelie and a Gentoo. Instead give it one input for each species, 1 for the species of this penguin and 0 for the
# others. This is called **one-hot**.
#
# With several inputs a penguin is a row, all of them are a matrix of shape (N, k), and the weights are a column of
# shape (k, 1). Each prediction is a sum of inputs times weights, and a matrix product computes them all.


# %%
class LinearModel(tf.Module):
    def __init__(self, num_inputs):
        super().__init__()
        self.W = tf.Variable(tf.zeros((num_inputs, 1)), name="W")

    def __call__(self, inputs):
        return tf.matmul(inputs, self.W)


names, codes = np.unique(penguins["species"], return_inverse=True)
with_species = tf.concat(
    [to_input(flippers)[:, None], tf.one_hot(codes, depth=3)],
    axis=1,
)
print("standardized flipper,", ", ".join(names))
print(with_species[:2].numpy().round(3))
print("shape", with_species.shape)

# %% [markdown]
# The model has no b. Exactly one of the three species inputs is 1, so their weights are three biases, one for each
# species. A common b beside them could be raised while the three are lowered, and no prediction would change: an axis
# without any curvature.
#
# A test of a new model needs the same three lines each time. Predictions have shape (N, 1), so the masses get that
# shape, too (chapter 3 shows what happens otherwise). The learning rate is half of the limit again, from the Hessian
# $\tfrac{2}{N} X^T X$ for inputs $X$.


# %%
def fit_and_test(features, num_epochs=500):
    """Trains on the training part. Returns the weights in grams, and the test error."""
    X, Y = tf.gather(features, train_rows), to_output(outputs)[:, None]
    eigenvalues = np.linalg.eigvalsh(2 / len(X) * tf.matmul(X, X, transpose_a=True))
    print(f"condition number {eigenvalues[-1] / eigenvalues[0]:.1f}")
    model = LinearModel(features.shape[1])
    for _ in range(num_epochs):
        train(model, X, Y, learning_rate=1 / float(eigenvalues[-1]))
    predictions = model(tf.gather(features, test_rows))[:, 0]
    predictions = predictions * to_output.std + to_output.mean
    return (model.W[:, 0] * to_output.std).numpy(), rms(predictions - test_outputs)


weights, error = fit_and_test(with_species)
print(f"test error {error:.0f} g, with the flipper alone {test_error:.0f} g")
print(f"flipper {weights[0] / to_input.std:.1f} g/mm")

# %% [markdown]
# The error falls, by little. And the flipper's weight falls from 50 to 40 grams per millimetre. The line alone had to
# explain with the flipper that Gentoos are large and heavy. Now the species says that, and the flipper's weight is
# for differences within a species.
#
# Sex has two known values, so one input is enough: ½ for males, −½ for females. Its weight is then the difference
# between them. Where the sex is unknown the input is 0, halfway. That is another decision about missing values; it
# keeps all 342 penguins, and so the same test.
#
# **Predict.** Does sex lower the error by more or by less than species did? What happens to the flipper's weight?

# %%
sexes = penguins["sex"]
half = 0.5 * (sexes == "male") - 0.5 * (sexes == "female")
with_sex = tf.concat([with_species, half.astype("float32")[:, None]], axis=1)

weights, error = fit_and_test(with_sex)
print(f"test error {error:.0f} g")
print(f"flipper {weights[0] / to_input.std:.1f} g/mm, male − female {weights[4]:.0f} g")

# %% [markdown]
# From 371 to 291 g, and the flipper's weight has halved again.
#
# ## Is it chance?
#
# A fall from 382 to 371 g is smaller than the uncertainty of 33 g. But both models were tested on the same penguins,
# and what is hard about these is hard for both. So repeat: 20 splits, all three models on each. To be quick, in
# closed form: `np.linalg.lstsq` finds the weights with the least loss. (It does not depend on the units, so the
# features stay as they are.)

# %%
line_only = np.stack([to_input(flippers), np.ones(342)], axis=1)
candidates = {
    "flipper": np.asarray(line_only, float),
    "flipper, species": np.asarray(with_species, float),
    "flipper, species, sex": np.asarray(with_sex, float),
}
grams = np.asarray(masses, float)
errors = {name: [] for name in candidates}
for seed in range(20):
    (fit_rows, _), (new_rows, _) = datasets.train_test_split(numbers, numbers, seed=seed)
    for name, features in candidates.items():
        w = np.linalg.lstsq(features[fit_rows], grams[fit_rows], rcond=None)[0]
        errors[name].append(rms(features[new_rows] @ w - grams[new_rows]))

for name, values in errors.items():
    mean_error, spread = np.mean(values), np.std(values)
    print(f"{name:22} error {mean_error:.0f} g, standard deviation {spread:.0f} g")
first, second, third = map(np.array, errors.values())
print(f"species helps in {np.sum(second < first)} of 20 splits, ", end="")
print(f"sex in {np.sum(third < second)}")

# %% [markdown]
# The error differs from split to split, and within each split the order is the same:

# %%
title = "Each added input lowers the error in every split"
fig = plots.errors_by_split(title, errors, "test error (g)")
falls = first.mean() - second.mean(), second.mean() - third.mean()
print("mean fall: species {:.0f} g, sex {:.0f} g".format(*falls))
plots.show(
    fig,
    "Test errors of three models on 20 splits, a line for each split. Each line falls a "
    "little from flipper to flipper and species, and far more to flipper, species and sex.",
)

# %% [markdown]
# So species helps, reliably and by little, and sex by almost four times as much. (The splits share penguins, so these
# are not 20 independent tests. And a test part that you use to choose among many models ends up as training data. For
# that, keep a validation set, chapter 5.)
#
# ## What the line does not say
#
# Two sentences that sound right are not in these results.
#
# "One more millimetre of flipper *makes* a penguin 50 g heavier." The flipper's weight was 50, then 40, then 20 g/mm,
# always on the same penguins: it depends on which other inputs the model has. It describes how masses differ between
# penguins whose flippers differ. What would change if one penguin's flipper grew is another question, and a table of
# measurements does not answer it.
#
# "The model predicts the mass of a penguin." Of adult penguins of three species, with flippers from 172 to 231 mm.
# Ask it about a chick with a flipper of 100 mm:

# %%
print(f"prediction at 100 mm: {slope * 100 + offset:.0f} g")
print(f"the line reaches 0 g at {-offset / slope:.0f} mm")

# %% [markdown]
# Less than nothing. The b of −5836 g is not the mass of a penguin without flippers either. It is what the line needs
# to be right between 172 and 231 mm. Beyond the range of the data, a model says nothing that was ever checked.
#
# ## In other frameworks
#
# Keras has the standardizer as a layer. `adapt` computes mean and variance, so give it the training part only; after
# that they are part of the model, and are saved with it:
#
# ```python
# normalization = keras.layers.Normalization(axis=-1)
# normalization.adapt(train_inputs)  # of shape (N, k)
# model = keras.Sequential([normalization, keras.layers.Dense(1)])
# model.compile(optimizer="adam", loss="mse")
# model.fit(train_inputs, train_outputs, epochs=100)
# ```
#
# In scikit-learn a pipeline does it. `fit` standardizes with the data it is given, and `predict` uses the same
# numbers again:
#
# ```python
# model = make_pipeline(StandardScaler(), SGDRegressor())
# model.fit(train_inputs, train_outputs)
# model.predict(test_inputs)
# ```

# %% [markdown]
# ## Summary
#
# - Gradient descent needs a number of epochs in proportion to the condition number of the loss. Inputs far from zero
#   make it huge; standardizing them brings it down, to 1 for a line.
# - Whatever is fitted to data belongs to the model, mean and standard deviation of the inputs included: compute it from
#   the training part, and apply it unchanged to the test part and to everything new.
# - Residuals show what a model leaves unexplained. Plot them against columns that it has not seen, add inputs, measure
#   on data kept back, and claim no more than that.
#
# In chapter 8 the inputs are neither measurements nor a handful of species, but the users and the films of a table of
# ratings, each with a row of weights of its own.

# %% [markdown]
# ## Exercises
#
# Complete each cell, run it, and run the check below it. `.hint()` in place of the call gives a hint.

# %% [markdown]
# **1. The other way.** Predict flipper length from body mass, both standardized, and call the slope W. Translate it to
# millimetres per gram. Is it one divided by the slope of this chapter? What is the product of the two slopes?


# %%
def other_slope(W, std_mass, std_flipper):
    return ...


# %%
check.real_data.other_slope(other_slope)

# %% [markdown]
# **2. Standardized by itself.** Which numbers does a model get for new penguins? Complete the function. Then take the
# Gentoo penguins of the test part, and predict their masses once with flippers standardized in this way, and once by
# their own mean and standard deviation. Compare both errors with the 802 g of always predicting the mean, and explain
# them.


# %%
def standardize_new(training, new):
    mean, std = ...
    return (new - mean) / std


# %%
check.real_data.standardize_new(standardize_new)

# %% [markdown]
# **3. Which metres?** Write a function for the condition number of the loss of a line with these inputs, from the
# formula for $H$ in this chapter. Compute it for flippers in centimetres, decimetres and metres, without subtracting a
# mean. In which of all units is it the smallest, and how small?


# %%
def condition_number(inputs):
    return ...


# %%
check.real_data.condition_number(condition_number)

# %% [markdown]
# **4. More measurements.** Add bill length and bill depth, standardized, to the model with species and sex. What does
# the test error say, what do 20 splits say, and what becomes of the condition number? When would you stop adding
# inputs?
