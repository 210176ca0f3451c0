/** A service of AWS refused a request, or gave no answer. The message names the service and what to do. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
}
