// What the documents tell a reader to type must exist: every `phim VERB --option` in them is looked up in the
// program's own help. PHIM names the program.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const program = process.env.PHIM ?? join(root, 'target/release/phim');
const documents = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
// Verbs of the script, which the program does not know.
const SCRIPT = new Set(['setup', 'test', 'bench', 'fuzz', 'VERB…', 'VERB...', 'VERB', 'help', '--help']);

const helps = new Map();
function help(...verb) {
  const key = verb.join(' ');
  if (!helps.has(key)) helps.set(key, execFileSync(program, ['help', ...verb], { encoding: 'utf8' }));
  return helps.get(key);
}

const listed = (text) => [...text.matchAll(/^ {2}([a-z-]+) {2,}/gm)].map(([, verb]) => verb);
const wrong = [];
let commands = 0;

function lookUp(document, number, words) {
  const say = (reason) => wrong.push(`${document}:${number}: ${reason}`);
  const plain = words.filter((word, n) => !word.startsWith('-') && !/^--data$|^--base$/.test(words[n - 1] ?? ''));
  const [verb, second] = plain;
  // `phim composition 1` opens a stored text and is no command.
  if (!verb || SCRIPT.has(verb) || /^\d+$/.test(second)) return;
  commands += 1;
  if (!listed(help()).includes(verb)) return say(`there is no verb ${verb}`);
  const below = listed(help(verb));
  const inner = /Commands:/.test(help(verb));
  if (inner && second && /^[a-z]+$/.test(second) && !below.includes(second)) return say(`${verb} has no verb ${second}`);
  const text = inner && below.includes(second) ? help(verb, second) : help(verb);
  for (const option of words.filter((word) => word.startsWith('--'))) {
    if (!text.includes(option.split('=')[0])) say(`${verb} has no option ${option}`);
  }
}

for (const document of documents) {
  let fenced = false;
  readFileSync(join(root, document), 'utf8').split('\n').forEach((line, index) => {
    if (line.startsWith('```')) fenced = !fenced;
    const found = fenced ? [line.match(/^\s*(?:\.\/)?phim (.*)$/)?.[1]] : [...line.matchAll(/`(?:\.\/)?phim ([^`]*)`/g)].map(([, words]) => words);
    for (const words of found.filter(Boolean)) {
      lookUp(document, index + 1, words.replace(/\s#.*/, '').replace(/"[^"]*"/g, 'TEXT').split(/[\s|[\]]+/).filter(Boolean));
    }
  });
}

for (const line of wrong) console.error(line);
console.log(`${commands} commands looked up`);
console.log(`${wrong.length ? 0 : 1} passed, ${wrong.length ? 1 : 0} failed`);
process.exitCode = wrong.length ? 1 : 0;
