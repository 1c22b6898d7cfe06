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
# their own mean and standard deviation. Compare both errors with the 802 g of always predicting the mean, and explain
# them.


# %%
def standardize_new(training, new):
    mean, std = ...
    return (new - mean) / std


# %% [markdown] tags=["solution"]
# The model knows one scale, that of the training part. Standardized by themselves, Gentoos have a mean of 0 like the
# whole colony, so the model takes the largest penguins for average ones.


# %% tags=["solution"]
def standardize_new(training, new):
    mean, std = np.mean(training), np.std(training)
    return (new - mean) / std


gentoo = flippers[penguins["species"] == "Gentoo"]
by_all = standardize_new(flippers, gentoo)
print(f"mean of the Gentoos {np.mean(by_all):.2f} on the scale of all penguins")

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
# **4. More measurements.** Add bill length and bill depth, standardized, to the model with species and sex. What does
# the test error say, what do 20 splits say, and what becomes of the condition number? When would you stop adding
# inputs?

# %% [markdown] tags=["solution"]
# The test error falls from 291 to 288 g. One split cannot tell so small a gain from luck: compare the mean gain over 20
# splits with its spread. The error falls in 17 of them, from 304 to 293 g on average, by 11 ± 8 g. So the bills help,
# reliably and by little. The condition number grows from 29 to 98, because the measurements of a penguin are
# correlated. Stop when the gain is within the spread, or when nobody will measure the input for the penguins that you
# want to predict.
