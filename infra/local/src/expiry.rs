//! Exports and copies of recordings go when they are old, as the rules of the bucket on AWS have it; here at each start.

use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::wiring::EXPIRING_PREFIXES;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Removes from the folder of the bucket what is old by now.
pub(crate) fn sweep_all(bucket: &Path, now: SystemTime) {
    for (prefix, days) in EXPIRING_PREFIXES {
        sweep(&bucket.join(prefix), DAY * days, now);
    }
}

/// Removes the files below a folder that are as old, and folders without any. What can't be removed stays.
fn sweep(dir: &Path, kept: Duration, now: SystemTime) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let Ok(about) = entry.metadata() else { continue };
        if about.is_dir() {
            sweep(&path, kept, now);
            // Refused where something is in it.
            let _ = std::fs::remove_dir(&path);
        } else if about.modified().is_ok_and(|at| now.duration_since(at).is_ok_and(|age| age >= kept)) {
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
        let folder = std::env::temp_dir().join(format!("carillon-expiry-{}", std::process::id()));
        let (old, new) = (folder.join("exports/ws/old"), folder.join("exports/ws/new"));
        let kept = folder.join("recordings/days_30/ws");
        std::fs::create_dir_all(&kept).expect("a folder");
        for dir in [&old, &new] {
            std::fs::create_dir_all(dir).expect("a folder");
        }
        let fresh = File::create(new.join("leads.csv")).expect("a file");
        let now = fresh.metadata().and_then(|about| about.modified()).expect("its time");
        let file = File::create(old.join("leads.csv")).expect("a file");
        file.set_modified(now - DAY).expect("a file of yesterday");
        for (name, days) in [("young.mp3", 29), ("old.mp3", 30)] {
            let file = File::create(kept.join(name)).expect("a file");
            file.set_modified(now - DAY * days).expect("a file of that day");
        }
        sweep_all(&folder, now);
        assert!(!old.exists() && new.join("leads.csv").exists());
        assert!(!kept.join("old.mp3").exists() && kept.join("young.mp3").exists());
        std::fs::remove_dir_all(&folder).expect("a folder");
    }
}
