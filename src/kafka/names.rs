use std::collections::HashSet;
use std::sync::Arc;

/// Topic names that occur again and again in one answer, each kept once.
#[derive(Debug, Default)]
pub(super) struct Names(HashSet<Arc<str>>);

impl Names {
    /// The shared text of a name.
    pub(super) fn share(&mut self, name: &str) -> Arc<str> {
        match self.0.get(name) {
            Some(shared) => Arc::clone(shared),
            None => {
                let shared: Arc<str> = Arc::from(name);
                self.0.insert(Arc::clone(&shared));
                shared
            }
        }
    }
}
