//! Which files are told of, and when.

use std::os::unix::fs::symlink;
use std::process::Command;

use super::*;

/// A folder that is removed in the end, and whoever watches it.
struct Scene {
    folder: PathBuf,
    watcher: Watcher,
    now: Instant,
}

impl Scene {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("carillon-bucket-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(folder.join("drops/ws/cmp")).expect("a folder");
        let watcher = Watcher::new(folder.clone(), folder.join("seen.json"));
        Self { folder, watcher, now: Instant::now() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join("drops/ws/cmp").join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("a file");
    }

    /// The names of what is whole, so long after the latest look.
    fn after(&mut self, wait: Duration) -> Vec<String> {
        self.now += wait;
        // The file system's own clock goes on by itself: files are as young as they were written.
        let settled = self.watcher.settled(self.now, UNIX_EPOCH_OF_TESTS);
        let name = |key: &str| key.rsplit('/').next().unwrap_or_default().to_owned();
        settled
            .into_iter()
            .map(|(key, seen)| {
                let name = name(&key);
                self.watcher.note(key, seen);
                name
            })
            .collect()
    }
}

/// Before all files: none is known to be old.
const UNIX_EPOCH_OF_TESTS: SystemTime = SystemTime::UNIX_EPOCH;

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn a_file_is_told_of_once_nobody_writes_to_it_any_more() {
    let mut scene = Scene::new("quiet");
    scene.write("a.csv", "phone\n");
    assert!(scene.after(Duration::ZERO).is_empty());
    assert!(scene.after(QUIET / 2).is_empty());
    scene.write("a.csv", "phone\n+49301\n");
    assert!(scene.after(QUIET).is_empty(), "it has grown");
    assert_eq!(scene.after(QUIET), ["a.csv"]);
    assert!(scene.after(QUIET).is_empty(), "it is told of once");
    scene.write("a.csv", "phone\n+49301\n+49302\n");
    assert!(scene.after(QUIET).is_empty());
    assert_eq!(scene.after(QUIET), ["a.csv"], "and once more when it is another");
}

#[test]
fn a_last_row_without_its_end_is_waited_for() {
    let mut scene = Scene::new("row");
    scene.write("a.csv", "phone\n+4930");
    assert!(scene.after(Duration::ZERO).is_empty());
    assert!(scene.after(QUIET_IN_A_ROW - QUIET).is_empty(), "it may be in the middle of a number");
    assert_eq!(scene.after(QUIET), ["a.csv"], "it ends so");
    scene.write("wide.csv", "p\0\n\0");
    assert!(scene.after(Duration::ZERO).is_empty());
    assert_eq!(scene.after(QUIET), ["wide.csv"]);
}

#[test]
fn what_is_old_is_whole_at_the_second_look() {
    let mut scene = Scene::new("old");
    scene.write("a.csv", "phone\n");
    let later = file_time() + QUIET + QUIET;
    assert!(scene.watcher.settled(scene.now, later).is_empty());
    assert_eq!(scene.watcher.settled(scene.now, later).len(), 1, "a restart does not begin its time anew");
}

#[test]
fn what_is_no_file_is_skipped_and_never_followed() {
    let mut scene = Scene::new("odd");
    scene.write("good.csv", "phone\n");
    let secret = scene.folder.join("secret.csv");
    std::fs::write(&secret, "phone\n").expect("a file");
    symlink(&secret, scene.path("link.csv")).expect("a link");
    symlink(&scene.folder, scene.path("loop")).expect("a link");
    symlink("/dev/zero", scene.path("device.csv")).expect("a link");
    let made = Command::new("mkfifo").arg(scene.path("pipe.csv")).status().expect("mkfifo");
    assert!(made.success());
    std::fs::create_dir(scene.path("folder.csv")).expect("a folder");
    let odd = ["new\nline.csv", "back\\slash.csv", "bell\u{7}.csv"];
    odd.iter().for_each(|name| scene.write(name, "phone\n"));
    let taken = ["-rf.csv", "a b+c%20&d.csv", "Übergröße 😀.csv", &"x".repeat(250)];
    taken.iter().for_each(|name| scene.write(name, "phone\n"));
    scene.write(".hidden.csv", "phone\n");

    assert!(scene.after(Duration::ZERO).is_empty());
    let mut told = scene.after(QUIET);
    told.sort_unstable();
    let mut expected = Vec::from_iter(["good.csv"].into_iter().chain(taken).map(str::to_owned));
    expected.sort_unstable();
    assert_eq!(told, expected);
    let names = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let skipped: BTreeSet<_> = scene.watcher.skipped.iter().filter_map(names).collect();
    let expected = ["link.csv", "loop", "device.csv", "pipe.csv"].into_iter().chain(odd);
    assert_eq!(skipped, expected.map(str::to_owned).collect());

    // Another process begins with what was noted.
    let mut again = Watcher::new(scene.folder.clone(), scene.folder.join("seen.json"));
    let later = file_time() + QUIET_IN_A_ROW;
    assert!(again.settled(scene.now, later).is_empty());
    assert!(again.settled(scene.now, later).is_empty(), "none comes back");
}
