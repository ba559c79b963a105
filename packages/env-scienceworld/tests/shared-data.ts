import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Recordings of the original simulator, beside the repository. */
export const sharedData = join(__dirname, '../../../../shared/data/scienceworld');
export const withSharedData = existsSync(sharedData) ? describe : describe.skip;

/** The package's own recording. */
export const ownRecording = join(__dirname, '../recordings/easy-1.3.0.jsonl.gz');

/** The user's simulator, where tests are told one. */
export const jar = process.env['SCIENCEWORLD_JAR'];
export const withJar = jar === undefined || jar === '' ? describe.skip : describe;
