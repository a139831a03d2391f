/** Requests of one kind that wait for the test's answer, the oldest first. */
export class Waiting<Asked extends unknown[], Answer> {
  readonly asked: { readonly args: Asked; readonly answer: (value: Answer) => void }[] = [];
  readonly ask = (...args: Asked): Promise<Answer> =>
    new Promise((resolve) => this.asked.push({ args, answer: resolve }));
}
