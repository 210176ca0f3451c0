// The levels around a result of the HNA service: its own around those of a task of .NET.

/** A result, or the reason for which the service refuses the query. */
export function levels(result: unknown, problem: string | null = null) {
  return {
    result: { result, isSuccess: problem === null, errorMessages: problem === null ? [] : [problem] },
    ...{ id: 103, exception: null, status: 5 },
  };
}

/** A task that failed. */
export const failedTask = (exception: string) => ({ ...levels(null), exception, status: 7 });
