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
# Time: about 45 minutes, and 25 for the exercises. It builds on variables (chapter 1) and the gradient tape (chapter
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
# A plain function has no good place for numbers that change. An object has one: the constructor makes the variables,
# and `__call__` lets you use the object like a function, as `model(3.0)`. Start with $W = 5$ and $b = 0$. These values
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
# `tf.Module`, which you know from chapter 1, keeps that list for you. A class that inherits from it only has to store
# its variables in attributes:


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
# **Predict.** The next module has no variable of its own, only a list of two models.

# %%
list_guess = check.model_and_loss.variables_in_a_list.predict()


# %%
class TwoLines(tf.Module):
    def __init__(self):
        super().__init__()
        self.lines = [Model(), Model()]


number_of_variables = len(TwoLines().variables)
print(number_of_variables, "variables")
list_guess.outcome(number_of_variables)

# %% [markdown]
# A module also looks into lists, tuples and dicts, and into other modules. That is how large models are built
# from small ones.

# %% [markdown]
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
# **Predict.** Take the flat line $W = 0$, $b = 2.75$. It ignores the input altogether, and misses every point.

# %%
flat_guess = check.model_and_loss.mean_residual_of_a_flat_line.predict()

# %%
flat_line = 0.0 * inputs + 2.75
of_model, of_flat_line = tf.reduce_mean(residuals), tf.reduce_mean(flat_line - outputs)
print(f"mean residual, W = 5, b = 0:    {of_model}")
print(f"mean residual, W = 0, b = 2.75: {of_flat_line}")
flat_guess.outcome(of_flat_line)

# %% [markdown]
# By its mean residual the flat line would be perfect, because 2.75 is the mean of the outputs, and what lies above it
# and below it cancels. A loss must not let an error on one point pay for an error on another, so the sign has to go.

# %% [markdown]
# ## The L2 loss
#
# Squaring removes the sign. (Other functions do so too: two follow below, and chapter 4 has a reason for the square.)
# The **L2 loss**, also called the **mean squared error**, is the mean of the squared residuals over the $N$ points:
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
# four times.
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
# inside it. The deeper, the bluer. Every point of this map is one line through the data, good or bad.

# %%
title = "The loss is a bowl with one lowest point"
print(f"loss {loss_at(5.0, 0.0):.2f} at the start, {losses.min():.2f} at the lowest")
plots.loss_surface(title, W_values, b_values, losses, start=(5.0, 0.0))

# %% [markdown]
# The best line has $W = 3$ and $b = 2$, and even there the loss is 0.5, not 0: no straight line passes through all
# eight points.
#
# Can you walk there from the start by moving one parameter at a time? Hold the other one still and look for the
# lowest loss along that row or column of the grid:

# %%
W_row, b_column = np.argmin(abs(W_values - 5)), np.argmin(abs(b_values - 0))
along_b, along_W = losses[W_row], losses[:, b_column]
print(f"only b moves: b = {b_values[along_b.argmin()]:.1f}, loss {along_b.min():.2f}")
print(f"only W moves: W = {W_values[along_W.argmin()]:.1f}, loss {along_W.min():.2f}")

# %% [markdown]
# Neither gets near 0.5 alone. The best $b$ depends on $W$ and the other way round, which is what the tilt of the
# rings means. Is there a direction that beats both?
#
# ## The gradient, by hand and by tape
#
# Begin with the two directions that you have. By how much does the loss change for each unit of $W$, with $b$ held
# fixed? Take one point's share of it, $(x_i W + b - y_i)^2$. A square $r^2$ changes by $2r$ for each unit of $r$. And
# $r = x_i W + b - y_i$ changes by $x_i$ for each unit of $W$, and by 1 for each unit of $b$. Along a way, changes
# multiply (the chain rule of chapter 2), so the share changes by $2r \cdot x_i$ and by $2r \cdot 1$. The mean over the
# points gives the two partial derivatives of the loss:
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
# ## Which way is down?
#
# You may also move $W$ and $b$ together, in any direction on the map. In which one does the loss fall fastest? Ask the
# loss itself: from the start, take a step of length 0.01 in each of 36 directions, and divide the change of the loss by
# the length. (0° is towards larger $W$, and 90° towards larger $b$.)

# %%
degrees = np.arange(0, 360, 10)
slopes = []
for angle in np.radians(degrees):
    there = loss_at(5.0 + 0.01 * np.cos(angle), 0.0 + 0.01 * np.sin(angle))
    slopes.append((there - loss_at(5.0, 0.0)) / 0.01)

against = np.degrees(np.arctan2(-float(db), -float(dW)))  # the direction of (−dW, −db)
fastest = np.argmin(slopes)
print(f"of 36 directions, {degrees[fastest]}° falls fastest: slope {slopes[fastest]:.2f}")
print(f"against the gradient is {against:.1f}°, and its length is {np.hypot(dW, db):.2f}")
plots.slopes_by_direction(degrees, slopes, dW, db)

# %% [markdown]
# The gradient, taken as an arrow $(\partial L/\partial W, \partial L/\partial b)$ on the map, points where the loss
# rises fastest, and its length is how fast. Against it the loss falls fastest. Across it, at the two places where the
# curve passes zero, the loss neither rises nor falls: that is the direction of the contour line.
#
# So at every place, the gradient says which way is down. Here it is at four places around the lowest point, and at the
# lowest point itself:


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
# has to be taken again. At the lowest point the gradient is zero, so there is no way down.
#
# Now you. One move of $b$ alone or of $W$ alone did not reach the lowest point. How many do, in turn: $b$, then $W$,
# then $b$ again, each to the lowest loss along its way? Move the point on the map, or the line among the data, or use
# the buttons for it. The text below the picture counts your moves.

# %%
experiments.ModelAndLoss(inputs, outputs)

# %% [markdown]
# Four moves of one parameter, if you begin with $b$: to $b = 1.50$, $W = 3.09$, $b = 1.98$ and $W = 3.00$. Each ends
# where the arrow stands at a right angle to the way that you came, since along this way the loss falls no further. Of
# gradient steps it takes nine (press Reset, and try), since each goes only a fifth of the gradient far. But a gradient
# step moves all parameters at once. With a million of them it is still one step, and one parameter at a time would be a
# million moves.
# Chapter 5 turns gradient steps into training.

# %% [markdown]
# ## A perfect model
#
# Every loss should be 0 for a model that makes no error. Put it to the test with $W = 3$, $b = 2$, and outputs that lie
# exactly on this line. They come from a table with two columns, $x$ and $y$, and the second column is cut out.

# %%
model.W.assign(3.0)
model.b.assign(2.0)
predictions = model(inputs)
table = np.stack([inputs, predictions], axis=1)  # two columns: x, and y = 3x + 2
column = tf.constant(table[:, 1:])
print(table[:3])

# %% [markdown]
# **Predict.** Now the loss of these predictions, with `column` as the outputs.

# %%
perfect_guess = check.model_and_loss.loss_of_a_perfect_model.predict()

# %%
loss = l2_loss(predictions, column)
print("loss of a perfect model:", float(loss))
perfect_guess.outcome(loss)

# %% [markdown]
# It should be 0, it is 23.625, and nothing warned you: this is the most frequent silent mistake with losses. The shapes
# say why: `predictions` has the shape (8,), and `column` (8, 1). Where two shapes differ, NumPy and TensorFlow stretch
# axes of length 1, and missing axes, to fit: this is **broadcasting**. It is what makes `inputs * W + b` work. Here it
# compares every prediction with *every* output: 64 differences instead of 8, and only the 8 on the diagonal belong
# together.

# %% [markdown]
# ## Look at the shapes
#
# Print them:

# %%
print("predictions           ", predictions.shape)
print("column                ", column.shape)
print("predictions - column  ", (predictions - column).shape)

# %% [markdown]
# What would training do with such a loss? See what the gradient has to say at the perfect line, and at a flat one:

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
# You do not have to remember this. One condition in the loss remembers it for you, and says what to do. This is the
# `l2_loss` of all chapters from here on, which import it as `from course.losses import l2_loss`:


# %%
def l2_loss(predictions, outputs):
    if predictions.shape != outputs.shape:
        shapes = f"the shapes {predictions.shape} and {outputs.shape}"
        raise ValueError(f"predictions and outputs have {shapes}: reshape one of them")
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
# For L2 and L1, `tf` has an operation that computes one point's share. Huber's is two lines with `tf.where`, which
# picks from the second argument where the condition holds, and from the third elsewhere:


# %%
def huber(residuals, delta=1.0):
    size = tf.abs(residuals)
    return tf.where(size <= delta, tf.square(size) / 2, delta * (size - delta / 2))


point_losses = {"L2": tf.square, "L1": tf.abs, "Huber": huber}

# %% [markdown]
# ## What one outlier does
#
# An **outlier** is a point that lies far from where the others suggest. Make one: the last output, 8, gets a minus
# sign by a slip of the keyboard. To find the best line under any loss, search the grid as before:


# %%
def fit(point_loss, outputs):
    def loss_at(W, b):
        return float(tf.reduce_mean(point_loss(inputs * W + b - outputs)))

    return lowest([[loss_at(W, b) for b in b_values] for W in W_values])


spoiled = tf.concat([outputs[:-1], [-8.0]], axis=0)
for name, point_loss in point_losses.items():
    slope, offset = fit(point_loss, outputs)
    print(f"{name:5}  without the slip: W = {slope:.1f}, b = {offset:.1f}")

# %% [markdown]
# **Predict.** Without the slip, the best slope is near 3 under all three losses. With it, seven points are as they
# were, and one of eight is wrong.

# %%
outlier_guess = check.model_and_loss.slope_with_an_outlier.predict()

# %%
fits = {name: fit(point_loss, spoiled) for name, point_loss in point_losses.items()}
print(", ".join(f"{name} W = {W:.1f}" for name, (W, b) in fits.items()))
plots.fitted_lines(inputs, spoiled, fits, outlier=7)
outlier_guess.outcome({name: W for name, (W, b) in fits.items()})

# %% [markdown]
# One point of eight takes the L2 line from a slope of 3.0 to 0.3. L1 goes from 3.2 to 3.0, Huber from 3.0 to 2.7. Why?

# %% [markdown]
# How hard does a point pull on the line? That is the gradient of its share of the loss with respect to its residual.
# The tape gives it for many residuals at once, because each share depends on its own residual only:


# %%
def pull(point_loss, residuals):
    with tf.GradientTape() as tape:
        tape.watch(residuals)
        shares = point_loss(residuals)
    return tape.gradient(shares, residuals)


residuals = tf.linspace(-4.0, 4.0, 513)
shares = {name: point_loss(residuals) for name, point_loss in point_losses.items()}
pulls = {name: pull(point_loss, residuals) for name, point_loss in point_losses.items()}
for name in point_losses:
    print(f"{name:5} at 4: loss {shares[name][-1]:4.1f}, gradient {pulls[name][-1]:.1f}")
plots.point_losses(residuals, shares, pulls)

# %% [markdown]
# - With L2 the pull grows with the residual: 8 at a residual of 4. Near zero it fades out, which lets training
#   settle.
# - With L1 every point pulls with strength 1, near or far. At zero, where $|r|$ has a corner, `tf.abs` uses 0.
# - Huber fades out near zero as L2 does, and is limited to $\delta$ far out as L1 is.
#
# Here is the pull of each of the eight points at the line $W = 3$, $b = 2$. The outlier is the last one, with a
# residual of 16:

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
# How far off must a point be, before it makes no difference how far? In the experiment, choose the Huber loss. Take
# hold of the last point among the data, and pull it down from 8. The cross on the map is the best line. From which
# height of the point on does the cross stay where it is?

# %%
experiments.ModelAndLoss(inputs, outputs, W=3.0, b=2.0)

# %% [markdown]
# Under Huber it stays from about 6 on, where the residual has become longer than $\delta$. Under L1 it makes one move,
# at 7.5, and stays from there: the point only counts as one that lies below. Under L2 it never stays: each unit that
# the point goes down takes a sixth from the slope of the best line.
#
# That does not make L2 the wrong choice. A point that looks like an outlier may be the most important one that you
# have, and a robust loss lets you overlook it. Use L2 where large errors are truly worse, Huber or L1 where you
# expect some outputs to be wrong, and look at the residuals in either case.

# %% [markdown]
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
# - The loss is one number to lower. With the data fixed it is a surface over the parameters, and against the gradient
#   it falls fastest.
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
# respect to $W$ to zero, and solve.


# %%
def best_W(b, inputs, outputs):
    return ...


# %%
check.model_and_loss.best_W(best_W)

# %% [markdown]
# Then derive the best $b$ for a given $W$. On the eight points of the chapter, start at $W = 5$ and $b = 0$, and move
# them in turn, $b$ first. How many moves does it take until the loss is below 0.501, and what is the loss then, to four
# digits or more?

# %%
in_turn = {"moves": ..., "loss": ...}

# %%
check.model_and_loss.moves_in_turn(in_turn)

# %% [markdown]
# **4. Where to put the bend.** Fit the spoiled data with the Huber loss on the grid of the chapter, with `delta` 0.1, 4
# and 20. Which slope does the best line have each time? Towards which lines does the fit go at the two ends, and why?
# Suppose you did not know which point is wrong: from what in the data would you choose `delta`?

# %%
bend_slopes = {"delta 0.1": ..., "delta 4": ..., "delta 20": ...}

# %%
check.model_and_loss.bend_slopes(bend_slopes)
