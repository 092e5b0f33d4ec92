#!/usr/bin/env python3
"""Takes a picture of a report: screenshot.py PAGE.html OUT.png [--width 1280] [--height 1540] [--theme light] [--scale 1]."""
import argparse
import os
import sys

import chrome


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page")
    parser.add_argument("out")
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=1540)
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--fragment", default="", help="a deep link: e=host:443")
    options = parser.parse_args()
    path = chrome.find()
    if path is None:
        sys.exit("screenshot: no Chromium here (Debian: apt-get install chromium)")
    browser = chrome.Chrome(path)
    try:
        browser.call("Emulation.setDeviceMetricsOverride", width=options.width, height=options.height,
                     deviceScaleFactor=options.scale, mobile=False)
        browser.theme(options.theme)
        browser.open("file://" + os.path.abspath(options.page) + ("#" + options.fragment if options.fragment else ""))
        browser.settle()
        browser.screenshot(options.out)
    finally:
        browser.close()


main()
