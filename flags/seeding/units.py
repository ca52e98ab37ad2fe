"""The 102 work units of 青澜市: 73 city organs, 23 of townships and streets, 6 state-owned enterprises."""

from accounts.models import Organization

Category = Organization.Category

CITY_ORGANS = """
市委办公室 市人大常委会办公室 市政府办公室 市政协办公室 市纪委监委机关 市委组织部 市委宣传部 市委统战部 市委政法委 市委编办
市委巡察办 市直机关工委 市委老干部局 市委党校 市信访局 市档案馆 市融媒体中心 市发展和改革局 市教育局 市科学技术局
市工业和信息化局 市公安局 市民政局 市司法局 市财政局 市人力资源和社会保障局 市自然资源局 市生态环境分局 市住房和城乡建设局 市交通运输局
市水利局 市农业农村局 市商务局 市文化和旅游局 市卫生健康局 市退役军人事务局 市应急管理局 市审计局 市市场监督管理局 市统计局
市医疗保障局 市城市管理局 市林业局 市乡村振兴局 市行政审批局 市机关事务中心 市大数据中心 市供销合作社 市人民法院 市人民检察院
市总工会 共青团青澜市委 市妇女联合会 市科学技术协会 市工商业联合会 市残疾人联合会 市红十字会 市文学艺术界联合会 市归国华侨联合会 市税务局
市气象局 市烟草专卖局 市邮政管理局 市消防救援大队 市公积金管理中心 市公共资源交易中心 市疾病预防控制中心 市人民医院 市中医院 市妇幼保健院
市图书馆 市文化馆 市体育中心
"""
TOWNSHIP_ORGANS = """
望澜街道办事处 竹汀街道办事处 云麓街道办事处 石桥湾街道办事处 南浦里街道办事处
白鹭镇 青禾镇 柳渡镇 梅坞镇 石门镇 枫桥镇 沙洲镇 茶园镇 古渡镇 双溪镇 龙潭镇 板桥镇 花田镇 莲塘乡 松岭乡 云峰乡 桃源乡 竹山乡
"""
STATE_ENTERPRISES = """
青澜水务集团 青澜公共交通集团 青澜城市建设投资集团 青澜文化旅游集团 青澜粮食储备公司 青澜燃气公司
"""


def unit_rows() -> list[dict[str, str]]:
    """Name, code and category of each unit, in the order of the codes."""
    city_organs = [f"青澜{name}" if name.startswith("市") else name for name in CITY_ORGANS.split()]
    return [
        *_rows(city_organs, "SZ", Category.CITY_ORGAN),
        *_rows(TOWNSHIP_ORGANS.split(), "XZ", Category.TOWNSHIP_ORGAN),
        *_rows(STATE_ENTERPRISES.split(), "GQ", Category.STATE_ENTERPRISE),
    ]


def _rows(names: list[str], prefix: str, category: str) -> list[dict[str, str]]:
    return [{"name": name, "code": f"{prefix}{n:03d}", "category": category} for n, name in enumerate(names, 1)]
