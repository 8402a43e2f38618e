//! Which process keeps a file locked. Only Linux tells (`/proc/locks`).

pub(crate) use here::keeper;

#[cfg(target_os = "linux")]
mod here {
    use std::fs;
    use std::os::unix::fs::MetadataExt;
    use std::path::PathBuf;

    /// The process beside one of a number that has a lock for writing on one of these files, where the system tells.
    pub(crate) fn keeper(files: &[PathBuf], ours: u32) -> Option<u32> {
        let locks = fs::read_to_string("/proc/locks").ok()?;
        files.iter().filter_map(|file| fs::metadata(file).ok()).find_map(|file| writer(&locks, file.ino(), ours))
    }

    /// From lines such as `1: POSIX  ADVISORY  WRITE 4907 fe:01:1234 1073741825 1073741825` (proc(5)).
    fn writer(locks: &str, inode: u64, ours: u32) -> Option<u32> {
        locks.lines().find_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let [_, "POSIX", _, "WRITE", process, file, ..] = fields[..] else { return None };
            let is_it = file.rsplit(':').next()?.parse() == Ok(inode);
            process.parse().ok().filter(|process| is_it && *process != ours)
        })
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn of_all_locks_of_the_machine_that_of_another_writer_is_found() {
            let locks = "1: FLOCK  ADVISORY  WRITE 11 fe:01:7 0 EOF\n2: POSIX  ADVISORY  READ  12 fe:01:7 1073741826 1073742335\n\
                         3: POSIX  ADVISORY  WRITE 13 fe:01:7 1073741825 1073741825\n3: -> POSIX  ADVISORY  WRITE 14 fe:01:7 0 0\n\
                         4: OFDLCK ADVISORY  WRITE -1 fe:01:7 0 0\n5: POSIX  ADVISORY  WRITE 15 fe:01:7 1073741824 1073741824\n";
            assert_eq!(writer(locks, 7, 1), Some(13));
            assert_eq!(writer(locks, 7, 13), Some(15));
            assert_eq!(writer(locks, 8, 1), None);
            assert_eq!(writer("", 7, 1), None);
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod here {
    use std::path::PathBuf;

    pub(crate) fn keeper(_: &[PathBuf], _: u32) -> Option<u32> {
        None
    }
}
