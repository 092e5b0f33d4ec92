-- Whether the file is whole: 'ok', or what is wrong with it.
PRAGMA quick_check(1);
