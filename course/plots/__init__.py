"""The course's figures: what all share is in `base`, and beside it is a module for each chapter.

Everything is found here. Each figure shows itself, with an alt text made from its data.
"""

from course.plots.base import (
    CLASS_COLORS,
    CLASS_MAP,
    CLASS_MARKERS,
    CYCLE,
    DATA,
    DEPTHS,
    HEIGHT,
    LOSS_STYLES,
    PAGE_DPI,
    PREDICTION,
    STYLE,
    TRUTH,
    WIDTH,
    axes,
    digest,
    panels,
    png,
    show,
)
from course.plots.beyond_one_machine import predicted_times, times_over_workers
from course.plots.data_synthesis import clouds, errors_by_size, histograms, losses_around_the_floor
from course.plots.embeddings import letters_in_the_plane, rating_tables, steps_of_a_row, vectors_in_the_plane
from course.plots.from_tape_to_program import buffers, roofline, step_times
from course.plots.gradient_tape import difference_errors, position_and_slopes, record_graph
from course.plots.layers import (
    activations,
    class_points,
    digit_images,
    fold_lines,
    level_line,
    regions,
    sizes_through_layers,
    train_and_validation,
)
from course.plots.model_and_loss import fitted_lines, loss_surface, point_losses, residual_squares, slopes_by_direction
from course.plots.optimizers import effective_rates, excess_losses, momentum_factors, paths_on_ravine, schedules
from course.plots.published_run import damped_steps, ends_of_runs, log_differences, log_responses
from course.plots.real_data import errors_by_split, flippers_and_masses, residuals_by_group, two_maps
from course.plots.training_loop import (
    descent_path,
    descent_step,
    gradient_spread,
    late_steps,
    loss_curves,
    parameter_history,
    steps_in_a_valley,
)
from course.plots.variables import learning_line, tables
