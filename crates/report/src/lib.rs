//! Renders an analysis as text, JSON and a one-file HTML page.
