//! Files of exports go after a day, as the bucket's rule on AWS has it.

use std::path::Path;
use std::time::{Duration, SystemTime};

/// How long they stay.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// Removes the files below a folder that are old by now, and folders without any. What can't be removed stays.
pub(crate) fn sweep(dir: &Path, now: SystemTime) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let Ok(about) = entry.metadata() else { continue };
        if about.is_dir() {
            sweep(&path, now);
            // Refused where something is in it.
            let _ = std::fs::remove_dir(&path);
        } else if about.modified().is_ok_and(|at| now.duration_since(at).is_ok_and(|age| age >= KEPT)) {
            let _ = std::fs::remove_file(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    #[test]
    fn what_is_old_goes_with_its_folder_and_what_is_new_stays() {
        let folder = std::env::temp_dir().join(format!("carillon-exports-{}", std::process::id()));
        let (old, new) = (folder.join("ws/old"), folder.join("ws/new"));
        for dir in [&old, &new] {
            std::fs::create_dir_all(dir).expect("a folder");
        }
        let fresh = File::create(new.join("leads.csv")).expect("a file");
        let now = fresh.metadata().and_then(|about| about.modified()).expect("its time");
        let file = File::create(old.join("leads.csv")).expect("a file");
        file.set_modified(now - KEPT).expect("a file of yesterday");
        sweep(&folder, now);
        assert!(!old.exists() && new.join("leads.csv").exists());
        std::fs::remove_dir_all(&folder).expect("a folder");
    }
}
