import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'host-service' },
  world: { imports: ['timers'], exports: ['lifecycle'] },
  process: '(loop $more (drop (call $every (i32.const 0))) (br $more)) (call $unchanged)',
});
