import { processor } from '../guest.ts';

/** Of the core module: it runs while the component is instantiated. */
export default processor({
  expected: { failsToStart: 'unreachable' },
  fields: '(func $begin unreachable) (start $begin)',
});
