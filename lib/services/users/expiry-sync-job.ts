/** The job that updates the payment status of all users once a day, in `job_runs`. */
export const EXPIRY_SYNC_JOB = "expiry-sync";
