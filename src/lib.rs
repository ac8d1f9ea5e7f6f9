//! klerk
