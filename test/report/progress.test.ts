import { PassThrough } from 'node:stream';
import { createProgress, createQuietProgress, createTagProgress, type Listener } from '../../src/report/progress';
import type { TrainEvent } from '../../src/train/events';

const events: TrainEvent[] = [
  {
    kind: 'step',
    epoch: 1,
    batch: 1,
    batches: 2,
    loss: 0.5,
    gradNorm: 1,
    learningRate: 1,
    tokens: 10,
    tokensPerSecond: 12345,
  },
  {
    kind: 'step',
    epoch: 1,
    batch: 2,
    batches: 2,
    loss: 0.4,
    gradNorm: 1,
    learningRate: 1,
    tokens: 20,
    tokensPerSecond: 12345,
  },
  {
    kind: 'epoch',
    epoch: 1,
    trainLoss: 0.45,
    devScore: 0.1234,
    learningRate: 0.00123456,
    isBest: true,
    seconds: 2.5,
    tokensPerSecond: 54321,
  },
  { kind: 'warning', code: 'only-outside', message: 'stuck', advice: 'try this' },
  { kind: 'end', reason: 'patience', bestEpoch: 1, bestScore: 0.1234 },
];

function shown(open: (stream: PassThrough & { isTTY?: boolean }) => Listener, isTTY: boolean): string {
  const stream: PassThrough & { isTTY?: boolean } = Object.assign(new PassThrough(), { isTTY, columns: 120, rows: 40 });
  const listen = open(stream);
  for (const event of events) listen(event);
  return String(stream.read());
}

describe('progress', () => {
  it('off a terminal: a line per epoch, no step, no control sequence', () => {
    expect(shown((stream) => createProgress(stream, 30), false)).toBe(
      [
        'epoch  1/30  loss 0.4500  dev 12.34  rate 0.00123  54,321 tokens/s  2.5 s  best',
        'warning: stuck; try this',
        'stopped: no better dev score within the patience; best dev 12.34 at epoch 1',
        '',
      ].join('\n'),
    );
  });

  it('calls no epoch the best whose score is 0', () => {
    const stream = new PassThrough();
    const listen = createProgress(stream, 30);
    for (const event of events)
      listen({
        ...event,
        ...('devScore' in event && { devScore: 0 }),
        ...('bestScore' in event && { bestScore: 0 }),
      });
    expect(String(stream.read())).not.toMatch(/  best|; best/);
  });

  it('on a terminal: a bar with loss, tokens/s and dev score, and the same lines', () => {
    const text = shown((stream) => createProgress(stream, 30), true);
    expect(text).toContain('epoch 1/30');
    expect(text).toContain('12,345 tokens/s');
    expect(text).toContain('loss 0.4500  dev 12.34');
    expect(text).toContain('warning: stuck');
  });

  it('quiet: nothing but warnings', () => {
    expect(shown((stream) => createQuietProgress(stream), true)).toBe('warning: stuck; try this\n');
  });
});

describe('progress of tagging', () => {
  it.each([
    ['of files, with the share that was read', 400, /25 % {2}3,000 tokens {2}1,500 tokens\/s/],
    ['of a pipe, whose length nobody knows', null, /G3,000 tokens {2}1,500 tokens\/s/],
  ])('is a bar once it takes long: %s', (_, bytes, text) => {
    const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 120, rows: 40 });
    let now = 0;
    const { read, tagged, end } = createTagProgress(stream, bytes, () => now);
    now = 900;
    tagged(1000);
    expect(stream.read()).toBeNull();
    now = 2000;
    read(100);
    tagged(2000);
    end();
    expect(String(stream.read())).toMatch(text);
  });
});
