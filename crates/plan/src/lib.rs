//! A test plan as data: elements, templates, limits and diagnostics.
