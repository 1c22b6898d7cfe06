# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 3. The model and the loss
#
# After this chapter you can
#
# - **write** the model $f(x) = x \cdot W + b$ as a class whose variables are found for you,
# - **measure** how wrong a model is with one number, and see that number as a surface over $W$ and $b$,
# - **choose** between the L2, L1 and Huber losses, and refuse shapes that must not mix.
#
# Time: about 40 minutes, and 25 for the exercises. It builds on variables (chapter 1) and the gradient tape (chapter
# 2).

# %%
import numpy as np

import course as tf
from course import check, experiments, plots

# %% [markdown]
# ## A model is a function with state
#
# A **model** is a function that computes predictions from inputs, with numbers inside that training can change: its
# **parameters**. The linear model $f(x) = x \cdot W + b$ has two of them, the weight $W$ and the bias $b$.
#
# A plain function has no good place for numbers that change. An object has one: the constructor makes the
# variables, and `__call__` lets you use the object like a function. Start with $W = 5$ and $b = 0$. These values
# are a guess, and a poor one, so that there is something to improve.


# %%
class Model:
    def __init__(self):
        self.W = tf.Variable(5.0, name="W")
        self.b = tf.Variable(0.0, name="b")

    def __call__(self, inputs):
        return inputs * self.W + self.b


# %% [markdown]
# Check it on one input whose answer you can work out: $3 \cdot 5 + 0 = 15$.

# %%
model = Model()
assert model(3.0) == 15.0
model(3.0)

# %% [markdown]
# The same call takes any number of inputs at once. And when a variable changes, the model's answers change with it:

# %%
print("W = 5:", model(tf.constant([0.0, 1.0, 2.0, 3.0])))
model.W.assign(3.0)
print("W = 3:", model(tf.constant([0.0, 1.0, 2.0, 3.0])))

# %% [markdown]
# The code of the model did not change between the two lines, only its state.
#
# ## A module finds its variables
#
# To train a model you ask the tape for one gradient per variable, so you need a list of the variables. You can
# write it yourself: `[model.W, model.b]`. A larger model has dozens, and one that you forget stays at its first
# value for ever, without any error.
#
# `tf.Module` keeps that list for you. A class that inherits from it only has to store variables in attributes:


# %%
class Model(tf.Module):
    def __init__(self):
        super().__init__()
        self.W = tf.Variable(5.0, name="W")
        self.b = tf.Variable(0.0, name="b")

    def __call__(self, inputs):
        return inputs * self.W + self.b


model = Model()
for variable in model.trainable_variables:
    print(variable)

# %% [markdown]
# The order is that of the attributes' names, capitals first. Gradients that you ask for with this tuple come back
# in the same order.
#
# **Predict.** The next module has no variable of its own, only a list of two models. How many variables does it
# find?


# %%
guess = check.predict("variables in TwoLines", ["0", "2", "4"])


# %%
class TwoLines(tf.Module):
    def __init__(self):
        super().__init__()
        self.lines = [Model(), Model()]


print(len(TwoLines().variables), "variables")
guess.outcome(len(TwoLines().variables))

# %% [markdown]
# Four: a module also looks into lists, tuples and dicts, and into other modules. That is how large models are built
# from small ones.
#
# ## Eight points to fit
#
# The rest of the chapter uses eight points, written by hand so that most results are round numbers you can check on
# paper. For each point, subtract what was observed from what the model predicts. The difference is the
# **residual**.

# %%
inputs = tf.constant([-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0])
outputs = tf.constant([-1.5, -2.0, 0.0, 1.5, 4.5, 5.5, 6.0, 8.0])
predictions = model(inputs)
residuals = predictions - outputs

print(" input  output  prediction  residual")
for row in zip(inputs, outputs, predictions, residuals):
    print("{:6.1f}  {:6.1f}  {:10.1f}  {:8.1f}".format(*row))

# %% [markdown]
# For the first six points the prediction is too low (a negative residual), for the last two it is too high.
#
# ## What a loss is for
#
# Is another pair of $W$ and $b$ better than this one? Eight residuals do not say: some may shrink while others
# grow. To compare models, and later to improve them step by step, you need one number that is smaller for the
# better model. That number is the **loss**.
#
# The mean of the residuals looks like a candidate.
#
# **Predict.** Take the flat line $W = 0$, $b = 2.75$. It ignores the input altogether. What is its mean residual?

# %%
flat_line = 0.0 * inputs + 2.75
print("mean residual, W = 5, b = 0:   ", float(tf.reduce_mean(residuals)))
print("mean residual, W = 0, b = 2.75:", float(tf.reduce_mean(flat_line - outputs)))

# %% [markdown]
# The flat line gets a perfect 0, because 2.75 is the mean of the outputs: residuals above and below cancel. A loss
# must not let an error on one point pay for an error on another, so the sign has to go.
#
# ## The L2 loss
#
# Squaring removes the sign. The **L2 loss**, also called the **mean squared error**, is the mean of the squared
# residuals over the $N$ points:
#
# $$L(W, b) = \frac{1}{N} \sum_{i=1}^{N} (x_i W + b - y_i)^2$$
#
# First by hand, with the residuals from the table:

# %%
by_hand = [6 * 6, 3 * 3, 2.5 * 2.5, 1.5 * 1.5, 2 * 2, 0.5 * 0.5, 1.5 * 1.5, 2 * 2]
print("squares:", by_hand)
print("sum:", sum(by_hand), "  mean:", sum(by_hand) / 8)

# %% [markdown]
# In code it is one line, the formula read from the inside out: subtract, square, take the mean.


# %%
def l2_loss(predictions, outputs):
    return tf.reduce_mean(tf.square(predictions - outputs))


loss = l2_loss(model(inputs), outputs)
assert loss == sum(by_hand) / 8
print("loss:", float(loss))

# %% [markdown]
# The squares are squares that you can draw, with the residual as their side:

# %%
squares = tf.square(residuals)
total, mean = tf.reduce_sum(squares), tf.reduce_mean(squares)
print(f"largest area {tf.reduce_max(squares)}, sum {total}, mean {mean}")
plots.residual_squares(inputs, outputs, predictions)

# %% [markdown]
# One point, the leftmost, contributes 36 of the total of 64. Squaring makes a residual that is twice as long count
# four times. Keep this in mind for the end of the chapter.
#
# The area is in squared units of the output. Its root, $\sqrt{8} \approx 2.83$, is in the output's own units: a
# typical length of a residual. You will meet it as the **root mean square error**.
#
# ## Mean or sum?
#
# The sum of the squares is smallest for the same $W$ and $b$ as their mean: the two differ by the constant factor
# $N$. So why take the mean? See what happens when there is more data of the same kind. Here the eight points are
# repeated, so the model is exactly as wrong as before.

# %%
print("    N      sum  its gradient   mean  its gradient")
for copies in (1, 10, 100):
    x, y = tf.tile(inputs, [copies]), tf.tile(outputs, [copies])
    with tf.GradientTape(persistent=True) as tape:
        mean = l2_loss(model(x), y)
        total = tf.reduce_sum(tf.square(model(x) - y))
    of_total, of_mean = tape.gradient(total, model.W), tape.gradient(mean, model.W)
    print(f"{len(x):5}  {total:7.1f}  {of_total:12.1f}  {mean:5.1f}  {of_mean:12.1f}")

# %% [markdown]
# The sum and its gradient (here with respect to $W$) grow with $N$; the mean and its gradient stay at 8.0 and 4.5.
# Training changes $W$ by a fixed fraction of the gradient. With the mean, a fraction that works for eight points
# works for eight hundred. And two losses can be compared although they come from different numbers of points.
#
# ## The loss as a surface
#
# With the data fixed, the loss is a function of $W$ and $b$ alone. Compute it for every pair on a grid:

# %%
W_values = np.linspace(-1, 6, 71, dtype=np.float32)
b_values = np.linspace(-2, 5, 71, dtype=np.float32)


def loss_at(W, b):
    return float(l2_loss(inputs * W + b, outputs))


losses = np.array([[loss_at(W, b) for b in b_values] for W in W_values])
print(f"{losses.size} lines, losses from {losses.min():.2f} to {losses.max():.2f}")

# %% [markdown]
# Where on the grid is the smallest of them? You will need this again, so make it a function:


# %%
def lowest(losses):
    """W and b of the smallest loss on the grid."""
    i, j = np.unravel_index(np.argmin(losses), np.shape(losses))
    return float(W_values[i]), float(b_values[j])


print("lowest at W = {:.1f}, b = {:.1f}".format(*lowest(losses)))

# %% [markdown]
# Think of the loss as a height over the plane of $W$ and $b$: the **loss surface**. Like a hiking map, the figure
# shows it by its **contour lines**, each of which joins points of equal loss; each is twice as high as the one
# inside it. Every point of this map is one line through the data, good or bad.

# %%
title = "The loss is a bowl with one lowest point"
print(f"loss {loss_at(5.0, 0.0):.2f} at the start, {losses.min():.2f} at the lowest")
plots.loss_surface(title, W_values, b_values, losses, start=(5.0, 0.0))

# %% [markdown]
# The best line has $W = 3$ and $b = 2$, and even there the loss is 0.5, not 0: no straight line passes through all
# eight points.
#
# Could you walk there from the start by moving one parameter at a time? Hold the other one still and look for the
# lowest loss along that row or column of the grid:

# %%
W_row, b_column = np.argmin(abs(W_values - 5)), np.argmin(abs(b_values - 0))
along_b, along_W = losses[W_row], losses[:, b_column]
print(f"only b moves: b = {b_values[along_b.argmin()]:.1f}, loss {along_b.min():.2f}")
print(f"only W moves: W = {W_values[along_W.argmin()]:.1f}, loss {along_W.min():.2f}")

# %% [markdown]
# Neither gets near 0.5 alone. The best $b$ depends on $W$ and the other way round, which is what the tilt of the
# ellipses means. How many such moves, in turn, would it take? And is there a direction that beats both?
#
# ## The gradient, by hand and by tape
#
# The gradient answers the second question: it is the direction in which the loss rises most steeply, so the
# opposite direction is the steepest way down. Differentiate the L2 loss with the chain rule. The square brings down
# a 2, and what is inside, $x_i W + b - y_i$, has the derivative $x_i$ with respect to $W$, and 1 with respect to
# $b$:
#
# $$\frac{\partial L}{\partial W} = \frac{2}{N} \sum_i (x_i W + b - y_i)\, x_i
# \qquad
# \frac{\partial L}{\partial b} = \frac{2}{N} \sum_i (x_i W + b - y_i)$$
#
# Compare these formulas with what the tape finds:

# %%
with tf.GradientTape() as tape:
    loss = l2_loss(model(inputs), outputs)
dW, db = tape.gradient(loss, [model.W, model.b])

print("by hand:", 2 * float(np.mean(residuals * inputs)), 2 * float(np.mean(residuals)))
print("by tape:", float(dW), float(db))

# %% [markdown]
# Both say: at the start, a small increase of $W$ raises the loss 4.5 times as much, and a small increase of $b$
# lowers it 3 times as much. So lower $W$ and raise $b$. From now on you can leave the formulas to the tape.
#
# The same at four places around the lowest point, and at the lowest point itself:


# %%
def gradient_at(W, b):
    model.W.assign(W)
    model.b.assign(b)
    with tf.GradientTape() as tape:
        loss = l2_loss(model(inputs), outputs)
    return [float(g) for g in tape.gradient(loss, model.trainable_variables)]


places = [(5.0, 0.0), (1.0, 0.0), (1.0, 4.0), (5.0, 4.0), (3.0, 2.0)]
gradients = [gradient_at(W, b) for W, b in places]
for (W, b), (dW, db) in zip(places, gradients):
    print(f"W = {W}, b = {b}: gradient ({dW:+.1f}, {db:+.1f})")

# %% [markdown]
# The figure draws each gradient as an arrow in the opposite direction, downhill, with 0.2 of the gradient's length:

# %%
downhill = [(-dW, -db) for dW, db in gradients]
arrows = (places[:4], downhill[:4])
title = "Against the gradient is downhill"
print("downhill from the start: ({:+.1f}, {:+.1f})".format(*downhill[0]))
plots.loss_surface(title, W_values, b_values, losses, arrows=arrows)

# %% [markdown]
# Each arrow leaves its contour line at a right angle. None of them points exactly at the minimum: downhill here is
# not the same as the way to the lowest point. It is the best direction for a small step, after which the gradient
# has to be taken again. At the lowest point the gradient is zero, so there is no way down. Chapter 5 turns this
# into training.
#
# How many moves of one parameter at a time does it take, then? Count them: move $b$ until the loss rises again, then
# $W$, then $b$, until the point is at the cross. (Click a slider; each press of an arrow key moves it by 0.1.)

# %%
experiments.ModelAndLoss(inputs, outputs)

# %% [markdown]
# On the sliders' grid it takes four. Where one slider can lower the loss no further, the arrow lies along the axis of
# the other one, up to the grid's step. Elsewhere it points between the axes: moving both parameters at once lowers the
# loss faster than moving either. At the cross the arrow is gone, and the squares are small but not gone: their mean
# area is the 0.5 that remains. The list of losses has two more, which come further below.
#
# ## Shapes that must not mix
#
# Now for the most frequent silent mistake with losses. Take a perfect model: $W = 3$, $b = 2$, and outputs that lie
# exactly on its line. But read the outputs as a table's column, which has shape (8, 1) instead of (8,).
#
# **Predict.** What is the loss?

# %%
model.W.assign(3.0)
model.b.assign(2.0)
predictions = model(inputs)
table = np.stack([inputs, predictions], axis=1)  # two columns: x, and y = 3x + 2
column = tf.constant(table[:, 1:])

print("loss of a perfect model:", float(l2_loss(predictions, column)))

# %% [markdown]
# It should be 0, and it is 23.625. Nothing warned you. Print the shapes:

# %%
print("predictions           ", predictions.shape)
print("column                ", column.shape)
print("predictions - column  ", (predictions - column).shape)

# %% [markdown]
# Where two shapes differ, NumPy and TensorFlow stretch axes of length 1, and missing axes, to fit: this is
# **broadcasting**. It is what makes `inputs * W + b` work. Here it compares every prediction with *every* output:
# 64 differences instead of 8, and only the 8 on the diagonal belong together.
#
# A wrong number would be bad enough, but training on it is worse. See what the gradient has to say at the perfect
# line, and at a flat one:

# %%
for W, b in [(3.0, 2.0), (0.0, 2.75)]:
    model.W.assign(W)
    model.b.assign(b)
    with tf.GradientTape() as tape:
        loss = l2_loss(model(inputs), column)
    dW, db = (float(g) for g in tape.gradient(loss, [model.W, model.b]))
    print(f"W = {W}, b = {b}: loss {loss:.4f}, gradient ({dW:+.3f}, {db:+.3f})")

# %% [markdown]
# At the perfect line the gradient is not zero: training would leave it. It is zero at the flat line, whose loss is
# the lower one. The training would run without an error, its loss would fall, and you would end with a model that
# ignores its input and predicts the mean of the outputs. When a model of yours does that, look at the shapes first.
#
# ## A loss that refuses
#
# You do not have to remember this. One condition in the loss remembers it for you, and says what to do:


# %%
def l2_loss(predictions, outputs):
    if predictions.shape != outputs.shape:
        shapes = f"{predictions.shape} and {outputs.shape}"
        raise ValueError(f"predictions and outputs have shapes {shapes}: reshape one")
    return tf.reduce_mean(tf.square(predictions - outputs))


try:
    l2_loss(predictions, column)
except ValueError as error:
    print("ValueError:", error)
print("loss with column[:, 0]:", float(l2_loss(predictions, column[:, 0])))

# %% [markdown]
# ## Other losses
#
# The square is a choice. Two others remove the sign as well:
#
# - The **L1 loss**, or **mean absolute error**, is the mean of $|r|$, where $r$ is a point's residual.
# - The **Huber loss** is quadratic near zero and linear further out: $r^2 / 2$ where $|r| \le \delta$, and
#   $\delta\,(|r| - \delta / 2)$ beyond (Huber, 1964). At $|r| = \delta$ the two parts meet with the same value and
#   slope.
#
# For L2 and L1, one point's share is an operation that exists. Huber's is two lines with `tf.where`, which picks
# from the second argument where the condition holds, and from the third elsewhere:


# %%
def huber(residuals, delta=1.0):
    size = tf.abs(residuals)
    return tf.where(size <= delta, tf.square(size) / 2, delta * (size - delta / 2))


point_losses = {"L2": tf.square, "L1": tf.abs, "Huber": huber}

# %% [markdown]
# How hard does a point pull on the model? That is the gradient of its share with respect to its residual. The tape
# gives it for many residuals at once, because each share depends on its own residual only:


# %%
def pull(point_loss, residuals):
    with tf.GradientTape() as tape:
        tape.watch(residuals)
        shares = point_loss(residuals)
    return tape.gradient(shares, residuals)


residuals = tf.constant([0.0, 0.5, 4.0, 16.0])
print("residual", *(f"{residual:5.1f}" for residual in residuals))
for name, point_loss in point_losses.items():
    print(f"{name:8}", *(f"{g:5.1f}" for g in pull(point_loss, residuals)))

# %% [markdown]
# The losses and their gradients as curves, side by side:

# %%
residuals = tf.linspace(-4.0, 4.0, 513)
shares = {name: point_loss(residuals) for name, point_loss in point_losses.items()}
pulls = {name: pull(point_loss, residuals) for name, point_loss in point_losses.items()}
for name in point_losses:
    print(f"{name:5} at 4: loss {shares[name][-1]:4.1f}, gradient {pulls[name][-1]:.1f}")
plots.point_losses(residuals, shares, pulls)

# %% [markdown]
# - With L2 the pull grows with the residual: 8 at a residual of 4. Near zero it fades out, which lets training
#   settle.
# - With L1 every point pulls with strength 1, near or far. At zero, where the V has no slope, `tf.abs` uses 0.
# - Huber fades out near zero as L2 does, and is limited to $\delta$ far out as L1 is.
#
# ## What one outlier does
#
# An **outlier** is a point that lies far from where the others suggest. Make one: the last output, 8, gets a minus
# sign by a slip of the keyboard.
#
# **Predict.** Without it, the slope that fits best is near 3. For each of the three losses: is the best slope with
# it still near 3, or near 2, or below 1?
#
# To find the best line under any loss, search the grid as before:


# %%
def fit(point_loss, outputs):
    def loss_at(W, b):
        return float(tf.reduce_mean(point_loss(inputs * W + b - outputs)))

    return lowest([[loss_at(W, b) for b in b_values] for W in W_values])


spoiled = tf.concat([outputs[:-1], [-8.0]], axis=0)
fits = {name: fit(point_loss, spoiled) for name, point_loss in point_losses.items()}
for name, point_loss in point_losses.items():
    before = fit(point_loss, outputs)
    print("{:5}  before: W = {:.1f}, b = {:.1f}".format(name, *before), end="   ")
    print("with the outlier: W = {:.1f}, b = {:.1f}".format(*fits[name]))

# %% [markdown]
# One point of eight takes the L2 line from a slope of 3.0 to 0.3. L1 goes from 3.2 to 3.0, Huber from 3.0 to 2.7:

# %%
title = "One wrong point turns the L2 line"
print(", ".join(f"{name} W = {W:.1f}" for name, (W, b) in fits.items()))
plots.fitted_lines(title, inputs, spoiled, fits, outlier=7)

# %% [markdown]
# Why? Look at the pull of each of the eight points at the line $W = 3$, $b = 2$. The outlier is the last one, with
# a residual of 16:

# %%
residuals = inputs * 3.0 + 2.0 - spoiled
print("residual", *(f"{residual:5.1f}" for residual in residuals))
for name, point_loss in point_losses.items():
    print(f"{name:8}", *(f"{g:5.1f}" for g in pull(point_loss, residuals)))

# %% [markdown]
# With L2 the outlier pulls with 32 and the others with at most 2, so the line gives way until the pulls balance.
# With L1 and Huber it pulls with 1, no more than others do. A loss whose best model a few wrong points cannot move
# far is called **robust**.
#
# That does not make L2 the wrong choice. A point that looks like an outlier may be the most important one that you
# have, and a robust loss lets you overlook it. Use L2 where large errors are truly worse, Huber or L1 where you
# expect some outputs to be wrong, and look at the residuals in either case.
#
# Here is the experiment again, on the spoiled data and at that line. Choose the three losses in turn, and look at
# what each draws for the outlier, and at where its lowest loss is:

# %%
experiments.ModelAndLoss(inputs, spoiled, W=3.0, b=2.0)

# %% [markdown]
# L2 draws a square of 16 by 16, which leaves the figure, and its cross is far away at a slope of 0.3. L1 draws a
# segment, Huber a strip no wider than $\delta$, and their crosses are near the line.
#
# ## In other frameworks
#
# In TensorFlow the model is the same text, with `import tensorflow as tf`. PyTorch calls the module
# `torch.nn.Module` and the variable `Parameter`, and you write `forward` where you wrote `__call__`:
#
# ```python
# class Model(torch.nn.Module):
#     def __init__(self):
#         super().__init__()
#         self.W = torch.nn.Parameter(torch.tensor(5.0))
#         self.b = torch.nn.Parameter(torch.tensor(0.0))
#
#     def forward(self, inputs):
#         return inputs * self.W + self.b
#
# list(Model().parameters())  # W and b
# ```
#
# | here | Keras (`tf.keras.losses`) | PyTorch (`torch.nn`) |
# |---|---|---|
# | `l2_loss(predictions, outputs)` | `MeanSquaredError()(outputs, predictions)` | `MSELoss()(predictions, outputs)` |
# | L1 | `MeanAbsoluteError()` | `L1Loss()` |
# | Huber, $\delta = 1$ | `Huber(delta=1.0)` | `HuberLoss(delta=1.0)` |
#
# Three traps. Keras takes the outputs first, PyTorch the predictions. `tf.nn.l2_loss(t)` is something else: half
# the *sum* of the squares of `t`. And for shapes (8,) and (8, 1), Keras' loss objects drop the extra axis, PyTorch
# warns and broadcasts, and `tf.reduce_mean(tf.square(...))` in TensorFlow gives the same silent 23.625 as here.
#
# ## Summary
#
# - A model is a class: variables made in the constructor, predictions computed in `__call__`; `tf.Module` finds the
#   variables.
# - The loss is one number to lower. With the data fixed it is a surface over the parameters, and the gradient says
#   which way is down.
# - L2 lets large residuals dominate, L1 and Huber limit them; every loss must compare shapes before it compares
#   values.
#
# Chapter 4 makes data whose true $W$ and $b$ are known, so that you can tell how well a model recovers them.

# %% [markdown]
# ## Exercises
#
# Complete each cell, run it, and run the check below it. `.hint()` in place of the call gives a hint.

# %% [markdown]
# **1. The gradient of L1.** Complete the function so that it gives the gradient of the L1 loss by hand, with respect
# to $W$ and to $b$; `tf.sign` gives −1, 0 or 1. Compare with the tape at $W = 5$, $b = 0$. Why is there no factor of
# 2, as L2 has?


# %%
def l1_gradient(inputs, residuals):
    dW = tf.reduce_mean(... * inputs)
    db = tf.reduce_mean(...)
    return dW, db


# %%
check.model_and_loss.l1_gradient(l1_gradient)

# %% [markdown]
# **2. One number for many.** A model that ignores its input predicts the same constant $c$ for every point. For the
# outputs 1, 2, 3, 4 and 100, compute the L2 and the L1 loss for every $c$ from 0 to 100 in steps of 0.5. Which $c$ is
# best under each? You know both numbers by other names.

# %%
best = {"L2": ..., "L1": ...}

# %%
check.model_and_loss.best_constant(best)

# %% [markdown]
# **3. One parameter at a time.** Hold $b$, and find the $W$ with the smallest L2 loss: set the partial derivative with
# respect to $W$ to zero, and solve. Then derive the best $b$ for a given $W$, start at $W = 5$, $b = 0$, and move them
# in turn. How many moves until the loss is below 0.501?


# %%
def best_W(b, inputs, outputs):
    return ...


# %%
check.model_and_loss.best_W(best_W)

# %% [markdown]
# **4. Where to put the bend.** Fit the spoiled data with the Huber loss for `delta` from 0.1 to 20. Towards which line
# does the fit go at each end, and why? Suppose you did not know which point is wrong: from what in the data would you
# choose `delta`?
