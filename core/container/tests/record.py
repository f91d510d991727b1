#!/usr/bin/env python3
"""Records what the real shells print for the cases in tests/shell/*.txt.

Run by hand on a machine with bash, dash and busybox: python3 record.py [FILE...]
A case is `#### SHELL[,SHELL] title`, the script, and for each shell the recorded `==== SHELL rc N`,
`out>` and `err>` lines, which this program rewrites. Scripts run as `SHELL -c`, in an empty /tmp/w.
"""
import glob, os, re, shutil, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
SHELLS = {"bash": ("/usr/bin/bash", "bash"), "dash": ("/usr/bin/dash", "dash"), "ash": ("/usr/bin/busybox", "ash")}

# Numbers of processes differ from run to run.
KILLED = re.compile(r"(line \d+: ) *\d+( (?:Hangup|Quit|Aborted|Killed|User defined|Segmentation|Alarm))")

def run(shell, script):
    work = "/tmp/w"
    shutil.rmtree(work, ignore_errors=True)
    os.mkdir(work)
    path, name = SHELLS[shell]
    env = {"PATH": "/usr/bin:/bin", "HOME": "/root", "LC_ALL": "C", "USER": "root", "LANG": "C"}
    done = subprocess.run([name, "-c", script], executable=path, cwd=work, env=env, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=20)
    text = lambda raw: KILLED.sub(r"\1PID\2", raw.decode("utf-8", "replace"))
    return done.returncode, text(done.stdout), text(done.stderr)

def lines(tag, text):
    if not text:
        return []
    parts = text.split("\n")
    tail = parts.pop()
    out = [tag + p for p in parts]
    if tail:
        out.append(tag + tail + "\\c")
    return out

def main():
    files = sys.argv[1:] or sorted(glob.glob(os.path.join(HERE, "shell", "*.txt")))
    for file in files:
        head, *cases = re.split(r"(?m)^#### ", open(file).read())
        out = [head.rstrip("\n")] if head.strip() else []
        for case in cases:
            title, body = case.split("\n", 1)
            script = re.split(r"(?m)^==== ", body)[0].rstrip("\n")
            out += ["#### " + title, script]
            for shell in title.split()[0].split(","):
                code, stdout, stderr = run(shell, script)
                out.append(f"==== {shell} rc {code if code >= 0 else 128 - code}")
                out += lines("out>", stdout) + lines("err>", stderr)
            out.append("")
        open(file, "w").write("\n".join(out).lstrip("\n"))

main()
