// What a reviewer would otherwise have to look for by hand in every change. It reads the files git tracks,
// so what is ignored is free, and each finding names file, line and reason.
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const tracked = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .split('\0')
  .filter((path) => path && existsSync(join(root, path)) && lstatSync(join(root, path)).isFile());
const findings = [];
let checks = 0;

const isText = (path) => /\.(rs|ts|js|mjs|svelte|css|html|md|toml|sql|txt|sh|yml|yaml|srt|vtt|ttml)$|(^|\/)(phim|run)$/.test(path);
const isGenerated = (path) => /(^|\/)(Cargo\.lock|package-lock\.json|generated\.ts|openapi\.json)$/.test(path);
const isCode = (path) => /\.(rs|ts|js|mjs|svelte)$/.test(path) || path === 'phim';
const text = (path) => readFileSync(join(root, path), 'utf8');

function check(name, examine) {
  checks += 1;
  const before = findings.length;
  examine((path, line, reason) => findings.push(`${path}${line ? `:${line}` : ''}: ${reason} [${name}]`));
  return findings.length === before;
}

function eachLine(paths, visit) {
  for (const path of paths) text(path).split('\n').forEach((line, index) => visit(path, index + 1, line));
}

const written = tracked.filter((path) => isText(path) && !isGenerated(path));
const results = [];

results.push(check('length', (report) => {
  for (const path of written.filter(isCode)) {
    const lines = text(path).split('\n').length - 1;
    if (lines > 600) report(path, 0, `${lines} lines; a file has at most 600`);
  }
}));

// A name that fits anything says nothing; the design's words do.
results.push(check('names', (report) => {
  for (const path of tracked) {
    if (/(^|[/_-])(utils?|common|helpers?|managers?|misc)([._/-]|$)/.test(path)) report(path, 0, 'the name says nothing about what it holds');
  }
}));

results.push(check('machine paths', (report) => {
  const home = new RegExp(`(^|[\\s"'\`(=])/(${['work', 'root', 'home'].join('|')})/[a-z.]`);
  eachLine(written, (path, number, line) => {
    if (home.test(line)) report(path, number, 'a path of one machine');
  });
}));

results.push(check('left over', (report) => {
  const marks = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].join('|')})\\b|\\bdbg!\\(|#\\[ignore`);
  eachLine(written.filter(isCode), (path, number, line) => {
    if (path !== 'tests/tidy.mjs' && marks.test(line)) report(path, number, 'left over from writing');
  });
}));

results.push(check('white space', (report) => {
  eachLine(written.filter((path) => !/\.(rs|srt|vtt|txt)$/.test(path)), (path, number, line) => {
    if (/[ \t\r]+$/.test(line)) report(path, number, 'white space at the end of the line');
  });
}));

results.push(check('links', (report) => {
  eachLine(written.filter((path) => path.endsWith('.md')), (path, number, line) => {
    for (const [, to] of line.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
      if (/^[a-z]+:/.test(to)) continue;
      if (!existsSync(join(root, normalize(join(dirname(path), to))))) report(path, number, `${to} does not exist`);
    }
  });
}));

results.push(check('rooms', (report) => {
  const members = [...text('Cargo.toml').match(/members = \[([^\]]*)\]/)[1].matchAll(/"([^"]+)"/g)].map((m) => m[1]);
  if (!existsSync(join(root, 'ARCHITECTURE.md'))) return report('ARCHITECTURE.md', 0, 'is missing');
  const architecture = text('ARCHITECTURE.md');
  for (const room of members) {
    if (!architecture.includes(`\`${room}/\``)) report('ARCHITECTURE.md', 0, `does not speak of the room ${room}/`);
    if (!/^\/\/!/m.test(text(existsSync(join(root, room, 'src/lib.rs')) ? `${room}/src/lib.rs` : `${room}/src/main.rs`))) {
      report(room, 0, 'the room does not say at its head what it holds');
    }
  }
  for (const [, room] of architecture.matchAll(/`([a-z]+)\/`/g)) {
    if (!existsSync(join(root, room))) report('ARCHITECTURE.md', 0, `speaks of ${room}/, which does not exist`);
  }
}));

for (const finding of findings) console.error(finding);
const good = results.filter(Boolean).length;
console.log(`${good} passed, ${checks - good} failed`);
process.exitCode = findings.length ? 1 : 0;
