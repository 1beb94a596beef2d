/** How a job ended. */
export type Outcome =
  | { readonly status: 'done' }
  | { readonly status: 'failed'; readonly message: string }
  | { readonly status: 'interrupted' };

/**
 * Works through jobs, at most `size` at a time, in their order, each in one of so many places; one that fails never stops the others. Once the signal is raised
 * no further job is started and those under way are waited for. Outcomes in the order of the jobs.
 */
export async function runPool<J>(
  jobs: readonly J[],
  size: number,
  signal: AbortSignal,
  work: (job: J, place: number) => Promise<Outcome>,
): Promise<Outcome[]> {
  const outcomes = jobs.map((): Outcome => ({ status: 'interrupted' }));
  const queue = jobs.entries(); // which all workers draw from
  const worker = async (place: number): Promise<void> => {
    while (!signal.aborted) {
      const next = queue.next();
      if (next.done) return;
      const [index, job] = next.value;
      outcomes[index] = await work(job, place);
    }
  };
  await Promise.all(Array.from({ length: Math.min(size, jobs.length) }, (_, place) => worker(place)));
  return outcomes;
}
