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
# Time: about 45 minutes, and 25 for the exercises. It builds on the test set (chapter 4) and on the curvatures of the
# loss (chapter 5).

# %%
import numpy as np

import course as tf
from course import check, datasets, experiments, plots
from course.losses import l2_loss

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
x, y = inputs.numpy().astype(float), outputs.numpy().astype(float)
print(f"correlation {np.corrcoef(x, y)[0, 1]:.3f}")
plots.flippers_and_masses("Longer flippers, heavier penguins", inputs, outputs)

# %% [markdown]
# The **correlation** is 1 when all points lie on a rising line, and 0 when a line says nothing. A line is a fair first
# model. Is it worth having? A yardstick: predict the mean mass of the training part for every
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


def train(model, inputs, outputs, learning_rate):
    with tf.GradientTape() as tape:
        loss = l2_loss(model(inputs), outputs)
    gradients = tape.gradient(loss, model.trainable_variables)
    for variable, gradient in zip(model.trainable_variables, gradients):
        variable.assign_sub(learning_rate * gradient)
    return loss


# %% [markdown]
# In chapter 5 the inputs lay between about −3 and 3, and a learning rate of 0.1 needed twenty epochs.
#
# **Predict.** Here the inputs are near 200.

# %%
first_guess = check.real_data.rate_on_millimetres.predict()

# %%
model = Model()
for epoch in range(1, 5):
    loss = train(model, inputs, outputs, learning_rate=0.1)
    print(f"Epoch: {epoch}, Loss: {loss:.3g}")
first_guess.outcome(loss)

# %% [markdown]
# In the next epoch the squares add up to more than float32 can hold, and the loss is `inf`.

# %% [markdown]
# You know how to find the largest rate beforehand: $2/\lambda_{\max}$, from the curvatures of the loss, the eigenvalues
# of the Hessian (chapter 5). Here W and b are the two elements of one variable, so that one call of `jacobian` gives
# the whole Hessian. It is computed in float64: the seven digits of float32 would be too few.


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
# After $t$ epochs, $(1 - 1/\kappa)^t$ of the way along the flat axis is left.
#
# **Predict.** When is that one percent?

# %%
second_guess = check.real_data.epochs_on_millimetres.predict()

# %%
kappa = high / low
epochs = np.log(0.01) / np.log1p(-1 / kappa)  # log1p(x) is ln(1 + x), exact near 0
print(f"condition number {kappa / 1e6:.2f} million")
print(f"epochs until one percent is left: {epochs / 1e6:.1f} million")
second_guess.outcome(epochs)

# %% [markdown]
# For a small $1/\kappa$, $\ln(1 - 1/\kappa)$ is nearly $-1/\kappa$. Since $\ln 0.01 = -4.6$, it takes about
# $4.6\,\kappa$ epochs. No other learning rate helps much: even just below the limit it takes half as many.

# %% [markdown]
# The condition number depends on how the inputs are written. Here are four ways to write the same flippers: in
# millimetres; in metres; in millimetres from their mean; and from their mean, in units of their standard deviation.
#
# **Predict.** Each change may lower the condition number.

# %%
third_guess = check.real_data.which_unit_helps.predict()

# %%
mean, std = np.mean(inputs), np.std(inputs)
print(f"mean {mean:.2f} mm, standard deviation {std:.2f} mm")
print("                        limit   condition number")
ratios = []
for name, values in [
    ("millimetres", inputs),
    ("metres", inputs / 1000),
    ("mm from the mean", inputs - mean),
    ("standardized", (inputs - mean) / std),
]:
    low, high = curvatures(values)
    ratios.append(high / low)
    print(f"{name:16}  {2 / high:11.3g}  {ratios[-1]:17.3g}")
third_guess.outcome(ratios)

# %% [markdown]
# Metres divide the number by 1,500, although nothing about the penguins has changed. That is not enough. Subtracting
# the mean from the millimetres divides it by 43,000. Dividing by the standard deviation does the rest, and 1 is the
# best that there is: a round bowl.

# %% [markdown]
# Try all that lies between: pull the 0 of the new scale along the lengths. By which epoch has the slow axis gone half
# of its way in raw millimetres, with 100 subtracted, and with 201? (Here masses are in kilograms, W and b start at 0,
# and the learning rate is half of its limit, whatever the limit is.)

# %%
experiments.InputScaling(inputs, outputs)

# %% [markdown]
# Half of the way takes $\ln 2 \cdot \kappa$ epochs, 5.8 million in raw millimetres. With 100 subtracted it is 380,000,
# with 201 it is 135. The loss in the first epochs tells another story. The first step finds the best line that
# predicts 0 kg where the scaled input is 0: at 100 mm such a line is good, by luck, and at 201 mm it is bad. What
# counts is what comes after. At 0 and at 100 the curve is flat, and what is left of the loss stays. At 201 it falls in
# every epoch. Put the 0 back, and pull the 1 alone: dividing, with zero far from the data, turns the ravine and never
# makes it round (exercise 3 looks for the best such number). Subtract 201 and divide by 14, the standard deviation, and
# the bowl is round.

# %% [markdown]
# Why does it matter so much where zero lies? The loss is the mean of $(Wx + b - y)^2$. Its slope with respect to W is
# the mean of $2x(Wx + b - y)$, and that with respect to b the mean of $2(Wx + b - y)$. Take the slopes of these two
# once more, with a bar for a mean over the examples, and you have the Hessian:
#
# $$H = 2 \begin{pmatrix} \overline{x^2} & \bar x \\ \bar x & 1 \end{pmatrix}.$$
#
# It depends on the inputs only. When all inputs are far from zero, changing W and changing b do nearly the same to the
# predictions: raise W by 1, and all of them rise by about 200, as if b had been raised by 200. The data hardly say
# which of the two it should be. That is the flat axis. When the mean of the inputs is zero, nothing stands off the
# diagonal, and the curvatures are $2\,\overline{x^2}$ and 2. The first is twice the variance, so with a standard
# deviation of 1 they are equal.

# %% [markdown]
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
# Train until the loss is within a thousandth of the least that a line can have. In these units that is the square of
# the best line's 396 g, divided by the variance of the masses.
#
# **Predict.** On the way along the flat axis it was 39 million epochs.

# %%
fourth_guess = check.real_data.epochs_when_standardized.predict()

# %%
least = (rms(x * best[0] + best[1] - y) / float(to_output.std)) ** 2
scaled = to_input(inputs), to_output(outputs)
model, path = Model(), [(5.0, 0.0)]
while l2_loss(model(scaled[0]), scaled[1]) > 1.001 * least:
    loss = train(model, *scaled, learning_rate=0.5)
    path.append((float(model.W), float(model.b)))
    print(f"Epoch: {len(path) - 1}, Loss: {loss:.4f}")
print(f"afterwards {l2_loss(model(scaled[0]), scaled[1]):.4f}, the least {least:.4f}")
fourth_guess.outcome(len(path) - 1)

# %% [markdown]
# The loss is printed before each update, and one update did it all. The same penguins, the same model and the same
# rule; only the units are different.

# %% [markdown]
# Here are both paths, each on the loss surface of its own units:

# %%
maps = {
    "Millimetres and grams: stuck in a ravine": (
        "W (g/mm)",
        "b (g)",
        inputs,
        outputs,
        np.linspace(-10, 70, 201),
        np.linspace(-9000, 3000, 201),
        raw_path,
    ),
    "Standardized: a round bowl": (
        "W",
        "b",
        *scaled,
        np.linspace(-5, 6, 201),
        np.linspace(-5, 5, 201),
        path,
    ),
}
print(f"left, after 1000 epochs: W = {raw_path[-1][0]:.2f}, b = {raw_path[-1][1]:.2f}")
print(f"right, after {len(path) - 1} epoch:     W = {path[-1][0]:.3f}")
plots.two_maps(maps)

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
# b is 0.) The line is finished, so now comes its test:

# %%
predictions = slope * test_inputs + offset
test_error = rms(predictions - test_outputs)
explained = 1 - test_error**2 / np.var(test_outputs)

print(f"training error {rms(slope * x + offset - y):.0f} g")
print(f"test error     {test_error:.0f} g, R² = {explained:.3f}")
title = "The line, and 68 penguins that it never saw"
plots.flippers_and_masses(title, test_inputs, test_outputs, line=(slope, offset))

# %% [markdown]
# The error is 382 g, less than half of what the mean alone would give. **R²** says the same without a unit: it is the
# share of the outputs' variance that the predictions explain, 1 for a perfect model, and 0 for one that is as good as
# the mean of these outputs.
#
# That the test error is below the training error is chance. A loss over N examples scatters by $\sqrt{2/N}$ of it
# (chapter 4). When a number is a little larger, its root is larger by half the percentage; so the error scatters by
# $\sqrt{2/68}/2$, which is 9 percent, or 33 g.
#
# ## What remains
#
# Typically the line is wrong by 382 g. Is all of that noise, or is there a pattern in it? Look at the residuals,
# prediction − measured mass, of the training part. Over all these penguins their mean is zero, because at the least
# loss the slope with respect to b is zero, and that slope is twice the mean of the residuals. In the same way the slope
# with respect to W leaves no trend along the flippers. To find more, use a column that the model has not seen, such as
# the species. The three differ in size:

# %%
species = penguins["species"][train_rows]
print("            number    flipper     mass")
for name in np.unique(species):
    some = species == name
    print(f"{name:10}  {some.sum():6}  {x[some].mean():6.0f} mm  {y[some].mean():5.0f} g")

# %% [markdown]
# **Predict.** The line knows the flippers, and nothing of the species.

# %%
fifth_guess = check.real_data.residuals_by_species.predict()

# %%
residuals = slope * x + offset - y
means = {str(name): residuals[species == name].mean() for name in np.unique(species)}
for name, mean in means.items():
    spread = residuals[species == name].std()
    print(f"{name:10}  mean {mean:5.0f} g, standard deviation {spread:3.0f} g")
fifth_guess.outcome(means)

# %% [markdown]
# A Chinstrap penguin weighs on average 220 g less than its flipper suggests.

# %% [markdown]
# Here is each penguin's residual over its flipper, with a colour and a marker for each species:

# %%
labels = "flipper length (mm)", "residual: prediction − mass (g)"
plots.residuals_by_group(x, residuals, species, *labels)

# %% [markdown]
# And sex, which is not in the picture?

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
# From here on you compare models, and choose one. If you chose by the test part, the winner would be the model that
# suits these 68 penguins best, partly by luck, and its test error would flatter it. So hold a fifth of the *training
# part* back for comparisons: the **validation** part. The test part rests until the choice is made.
#
# Predictions have shape (N, 1), so the masses get that shape, too (chapter 3 shows what happens otherwise). The
# learning rate is half of the limit again. With many inputs the Hessian has an element for each pair of them, twice the
# mean of their product, which is $\tfrac{2}{N} X^T X$ for the matrix of inputs $X$.


# %%
def fit(features, rows, num_epochs=500):
    """Trains on these rows of the table. Returns the weights, in grams."""
    X, Y = tf.gather(features, rows), to_output(tf.gather(masses, rows))[:, None]
    eigenvalues = np.linalg.eigvalsh(2 / len(X) * tf.matmul(X, X, transpose_a=True))
    model = LinearModel(features.shape[1])
    for _ in range(num_epochs):
        train(model, X, Y, learning_rate=1 / float(eigenvalues[-1]))
    return model.W[:, 0] * to_output.std


def error_of(weights, features, rows):
    """The error, in grams, on these rows."""
    X = tf.gather(features, rows)
    predictions = tf.linalg.matvec(X, weights) + to_output.mean  # a matrix times a vector
    return rms(predictions - tf.gather(masses, rows))


(fit_rows, _), (validation_rows, _) = datasets.train_test_split(train_rows, train_rows)
print(f"{len(fit_rows)} to fit, {len(validation_rows)} to compare")

ones = tf.ones((len(flippers), 1))
flipper_only = tf.concat([to_input(flippers)[:, None], ones], axis=1)
line_error = error_of(fit(flipper_only, fit_rows), flipper_only, validation_rows)
species_error = error_of(fit(with_species, fit_rows), with_species, validation_rows)
weights = fit(with_species, fit_rows)
print(f"the line {line_error:.0f} g, with species {species_error:.0f} g")
print(f"flipper {weights[0] / to_input.std:.1f} g/mm")

# %% [markdown]
# The error falls a little. And the flipper's weight falls from 50 to 41 grams per millimetre. The line alone had to
# explain with the flipper that Gentoos are large and heavy. Now the species says that, and the flipper's weight is
# for differences within a species.
#
# Sex has two known values, so one input is enough: ½ for males, −½ for females. Its weight is then the difference
# between them. Where the sex is unknown the input is 0, halfway. That is another decision about missing values; it
# keeps all 342 penguins, and so the same splits.
#
# **Predict.** Species lowered the error by 24 g.

# %%
sixth_guess = check.real_data.sex_or_species.predict()

# %%
sexes = penguins["sex"]
half = 0.5 * (sexes == "male") - 0.5 * (sexes == "female")
with_sex = tf.concat([with_species, half.astype("float32")[:, None]], axis=1)

weights = fit(with_sex, fit_rows)
sex_error = error_of(weights, with_sex, validation_rows)
print(f"with species and sex {sex_error:.0f} g")
print(f"flipper {weights[0] / to_input.std:.1f} g/mm, male − female {weights[4]:.0f} g")
sixth_guess.outcome([species_error - sex_error, line_error - species_error])

# %% [markdown]
# The error falls by 46 g more, and the flipper's weight has fallen once more, from 41 to 19 grams per millimetre: males
# have longer flippers, too.

# %% [markdown]
# ## Is it chance?
#
# With 55 penguins an error of 364 g is uncertain by $\sqrt{2/55}/2$ of it, or 35 g, and species lowered it by less than
# that. But both models were compared on the same penguins, and what is hard about these is hard for both. So repeat: 20
# splits of the training part, all three models on each. To be quick, in closed form: `np.linalg.lstsq` finds the
# weights with the least loss.

# %%
candidates = {
    "flipper": np.asarray(flipper_only, float),
    "flipper, species": np.asarray(with_species, float),
    "flipper, species, sex": np.asarray(with_sex, float),
}
grams = np.asarray(masses, float)
errors = {name: [] for name in candidates}
for seed in range(20):
    (some, _), (others, _) = datasets.train_test_split(train_rows, train_rows, seed=seed)
    for name, features in candidates.items():
        w = np.linalg.lstsq(features[some], grams[some], rcond=None)[0]
        errors[name].append(rms(features[others] @ w - grams[others]))

for name, values in errors.items():
    mean_error, spread = np.mean(values), np.std(values)
    print(f"{name:22} error {mean_error:.0f} g, standard deviation {spread:.0f} g")
first, second, third = map(np.array, errors.values())
print(f"species helps in {np.sum(second < first)} of 20 splits, ", end="")
print(f"sex in {np.sum(third < second)}")

# %% [markdown]
# The error differs from split to split, and within nearly every split the order is the same:

# %%
falls = first.mean() - second.mean(), second.mean() - third.mean()
print("mean fall: species {:.0f} g, sex {:.0f} g".format(*falls))
title = "Nearly every line falls twice, the second time by more"
plots.errors_by_split(title, errors, "validation error (g)")

# %% [markdown]
# So species helps, reliably and a little, and sex more than three times as much. (The splits share penguins, so these
# are not 20 independent comparisons.) The choice is made: flipper, species and sex. Fit this model to the whole
# training part, and now, once, test it:

# %%
weights = fit(with_sex, train_rows)
final_error = error_of(weights, with_sex, test_rows)
print(f"test error {final_error:.0f} g, that of the line was {test_error:.0f} g")
print(f"flipper {weights[0] / to_input.std:.1f} g/mm")

# %% [markdown]
# Both test errors are honest: no choice was made by the test part.
#
# ## What the line does not say
#
# Two sentences that sound right are not in these results.
#
# "One more millimetre of flipper *makes* a penguin 50 g heavier." The flipper's weight was 50, then 41, then 19 or 20
# g/mm, on nearly the same penguins: it depends on which other inputs the model has. It describes how masses differ
# between penguins whose flippers differ. What would change if one penguin's flipper grew is another question, and a
# table of measurements does not answer it.
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
# model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse")
# model.fit(train_inputs, (train_outputs - mean) / std, epochs=100)
# ```
#
# The outputs are standardized here too, by hand, and the rate is ten times Adam's default. Adam's steps are about as
# long as its learning rate, whatever the gradient (chapter 6). 100 epochs are 900 batches: with masses in grams and the
# default of 0.001, b would have moved by about 0.9 g of the 4,200 that it needs.
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
# - Residuals show what a model leaves unexplained. Look at them by columns that it has not seen, add inputs, compare
#   models on validation data, test the chosen one once, and claim no more than that.
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
# their own mean and standard deviation. Compare both errors with that of always predicting the mean mass of the
# training part, and explain them.


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
# **4. More measurements.** `before` and `after` hold the errors of two models on the same splits, such as those of 20
# seeds. Complete `paired_falls`: it returns the mean of the falls from `before` to `after`, and their standard
# deviation. Then add bill length and bill depth, standardized, to the model with species and sex. What does one split
# say, what do 20 say, and what becomes of the condition number? When would you stop adding inputs?


# %%
def paired_falls(before, after):
    return ...


# %%
check.real_data.paired_falls(paired_falls)
