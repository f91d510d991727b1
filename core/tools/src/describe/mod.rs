//! `kubectl describe`: one kind a file.
