import { describe, expect, it } from "vitest";
import { cronProblem, longestGapDays } from "../../../stacks/settings/cron";

describe("cronProblem", () => {
  it.each([
    "* * * * *",
    "0 3 * * *",
    "*/15 0-6,22 1,15 jan-mar Mon-Fri",
    "0 0 29 2 *",
    "5/10 * * * sun",
    "0 3 31 2 mon",
  ])("takes %s", (expression) => {
    expect(cronProblem(expression)).toBeUndefined();
  });

  it.each([
    ["", /1 fields instead of 5/],
    ["0 0 3 * * *", /6 fields/],
    ["@daily", /1 fields/],
    ["60 * * * *", /"60" is no minute \(0 to 59\)/],
    ["0 24 * * *", /"24" is no hour/],
    ["0 0 0 * *", /"0" is no day of the month/],
    ["0 0 * 13 *", /"13" is no month/],
    ["0 0 * * 7", /"7" is no day of the week/],
    ["0 0 * * fri-mon", /"fri-mon" is no day of the week/],
    ["*/0 * * * *", /"\*\/0" is no minute/],
    ["a * * * *", /"a" is no minute/],
    ["1- * * * *", /"1-" is no minute/],
    ["0 3 31 2 *", /never comes/],
  ])("refuses %j", (expression, message) => {
    expect(cronProblem(expression)).toMatch(message);
  });
});

describe("longestGapDays", () => {
  it.each([
    ["0 * * * *", 1],
    ["0 3 * * *", 1],
    ["0 3 * * sun", 7],
    ["0 3 * * mon-fri", 3],
    ["0 3 1 * *", 31],
    ["0 3 */2 * *", 2],
    // Either of the two days is enough.
    ["0 3 1 * sun", 7],
    ["0 3 1 1 *", 366],
    ["0 0 29 2 *", 1461],
  ])("of %s is %i", (expression, days) => {
    expect(longestGapDays(expression)).toBe(days);
  });
});
