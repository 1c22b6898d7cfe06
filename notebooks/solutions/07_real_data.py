# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] tags=["solution"]
# # 7. Real data: solutions
#
# The exercises of chapter 7, each with a solution and the reason for it. Try them first: a check that names your
# mistake teaches more than a solution that you read.

# %% tags=["solution"]
import numpy as np

from course import check, datasets

penguins = datasets.penguins()
flippers = penguins["flipper_length_mm"].numpy().astype(float)
masses = penguins["body_mass_g"].numpy().astype(float)

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


# %% [markdown] tags=["solution"]
# One standard deviation more of mass is W standard deviations more of flipper. It is not one divided by the other
# slope: standardized, both slopes are the correlation, and so their product is its square.


# %% tags=["solution"]
def other_slope(W, std_mass, std_flipper):
    return W * std_flipper / std_mass


correlation = np.corrcoef(flippers, masses)[0, 1]
slope = correlation * np.std(masses) / np.std(flippers)
other = other_slope(correlation, np.std(masses), np.std(flippers))
print(f"{slope:.1f} g/mm and {other:.5f} mm/g, product {slope * other:.3f}")
print(f"square of the correlation {correlation**2:.3f}")

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


# %% [markdown] tags=["solution"]
# The model knows one scale, that of the training part. Standardized by themselves, Gentoos have a mean of 0 like the
# whole colony, so the model takes the largest penguins for average ones, and misses them by nearly as much as a model
# without any input does.


# %% tags=["solution"]
def standardize_new(training, new):
    mean, std = np.mean(training), np.std(training)
    return (new - mean) / std


numbers = np.arange(len(flippers))
(train_rows, _), (test_rows, _) = datasets.train_test_split(numbers, numbers, seed=0)
training_flippers, training_masses = flippers[train_rows], masses[train_rows]
slope, offset = np.polyfit(standardize_new(training_flippers, training_flippers), training_masses, deg=1)
gentoos = [row for row in test_rows.numpy() if penguins["species"][row] == "Gentoo"]
lengths, weights = flippers[gentoos], masses[gentoos]
for name, inputs in {
    "by the training part": standardize_new(training_flippers, lengths),
    "by themselves": standardize_new(lengths, lengths),
    "always the mean": np.zeros(len(lengths)),
}.items():
    error = np.sqrt(np.mean((slope * inputs + offset - weights) ** 2))
    print(f"{name:20}  mean input {np.mean(inputs):5.2f}, error {error:4.0f} g")

# %%
check.real_data.standardize_new(standardize_new)

# %% [markdown]
# **3. Which metres?** Write a function for the condition number of the loss of a line with these inputs, from the
# formula for $H$ in this chapter. Compute it for flippers in centimetres, decimetres and metres, without subtracting a
# mean. In which of all units is it the smallest, and how small?


# %%
def condition_number(inputs):
    return ...


# %% [markdown] tags=["solution"]
# The two curvatures are the eigenvalues of $H$. The ratio is smallest where both elements on the diagonal are equal,
# so where the mean of $x^2$ is 1: in a unit as large as the root mean square of the flippers, about 20 cm.


# %% tags=["solution"]
def condition_number(inputs):
    mean = np.mean(inputs)
    H = 2 * np.array([[np.mean(inputs * inputs), mean], [mean, 1.0]])
    low, high = np.linalg.eigvalsh(H)
    return high / low


rms = np.sqrt(np.mean(flippers**2))
for name, unit in [("cm", 10), ("dm", 100), ("m", 1000), (f"{rms:.0f} mm", rms)]:
    print(f"{name:7} {condition_number(flippers / unit):8.0f}")

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


# %% [markdown] tags=["solution"]
# The difference is taken split by split. What is hard about a split is hard for both models, and so cancels in each
# fall; the spread of the falls is far smaller than that of the errors.


# %% tags=["solution"]
def paired_falls(before, after):
    falls = before - after
    return np.mean(falls), np.std(falls)


training = np.asarray(train_rows)
one_hot = np.unique(penguins["species"], return_inverse=True)[1][:, None] == np.arange(3)
sex = 0.5 * (penguins["sex"] == "male") - 0.5 * (penguins["sex"] == "female")
measures = [penguins[name].numpy() for name in ("bill_length_mm", "bill_depth_mm")]
bills = [standardize_new(values[training], values) for values in measures]
flipper = standardize_new(flippers[training], flippers)
without = np.column_stack([flipper, one_hot, sex])
candidates = {"without bills": without, "with bills": np.column_stack([without, *bills])}

errors = {name: [] for name in candidates}
for seed in range(20):
    (fit_rows, _), (others, _) = datasets.train_test_split(training, training, seed=seed)
    for name, X in candidates.items():
        weights = np.linalg.lstsq(X[fit_rows], masses[fit_rows], rcond=None)[0]
        residuals = X[others] @ weights - masses[others]
        errors[name].append(np.sqrt(np.mean(residuals**2)))

for name, X in candidates.items():
    H = X[training].T @ X[training]
    print(f"{name:14} split 0: {errors[name][0]:.0f} g, mean of 20 {np.mean(errors[name]):.0f} g,", end=" ")
    print(f"condition number {np.linalg.cond(H):.0f}")
before, after = map(np.array, errors.values())
mean, deviation = paired_falls(before, after)
print(f"fall {mean:.0f} ± {deviation:.0f} g, in {np.sum(after < before)} of 20 splits")

# %% [markdown] tags=["solution"]
# On the first split the error rises, over all 20 it falls on average: one split cannot tell so small a gain from luck.
# The condition number is three times as large, because the measurements of a penguin are correlated. Stop when the mean
# fall is well within the spread, as here, or when nobody will measure the input for the penguins that you want to
# predict.

# %%
check.real_data.paired_falls(paired_falls)
