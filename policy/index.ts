import { PolicyPack } from "@pulumi/policy";
import { readPropertiesOnce } from "./framework/sdk";
import { policies } from "./policies";

readPropertiesOnce();
new PolicyPack("orrery", { policies, enforcementLevel: "mandatory" });
