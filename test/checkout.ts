/** The project's folder. */
import { dirname } from 'node:path';

export const checkout = dirname(import.meta.dirname);
