// One archive in a folder of its own, and the program that serves it on a free port.
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const program = process.env.PHIM ?? new URL('../../target/release/phim', import.meta.url).pathname;

export async function openHouse() {
  const folder = await mkdtemp(join(tmpdir(), 'phim-browser-'));
  const data = join(folder, 'archive');
  let server = null;

  const verb = async (...args) => {
    try {
      const { stdout } = await execute(program, ['--data', data, '--json', '--quiet', ...args], { maxBuffer: 1 << 26 });
      return JSON.parse(stdout);
    } catch (error) {
      throw new Error(`phim ${args.join(' ')}: ${error.stderr || error.message}`);
    }
  };

  // Everybody is served everywhere, but where a test declares a territory.
  const serve = async (...more) => {
    await verb('territory', 'trial', '--text', 'a test');
    return start(more);
  };

  const start = (more) => new Promise((resolve, reject) => {
    server = spawn(program, ['--data', data, 'serve', '--port', '0', ...more], { stdio: ['ignore', 'pipe', 'inherit'] });
    server.on('error', reject);
    server.on('exit', (code) => reject(new Error(`phim serve ended with ${code}`)));
    let said = '';
    server.stdout.on('data', (text) => {
      said += text;
      const ready = said.match(/^ready (\S+)$/m);
      if (ready) resolve(ready[1]);
    });
  });

  const close = async () => {
    if (server && server.exitCode === null) {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGTERM');
      await ended;
    }
    if (!process.env.PHIM_KEEP) await rm(folder, { recursive: true, force: true });
  };

  return { folder, verb, serve, close };
}
