// The table of regions as lines of a code and a name, for build.rs.
import { areaList } from '@vant/area-data';

const lists = [areaList.province_list, areaList.city_list, areaList.county_list];
const lines = lists.flatMap((list) => Object.entries(list)).map(([code, name]) => `${code}\t${name}`);
process.stdout.write(`${lines.join('\n')}\n`);
